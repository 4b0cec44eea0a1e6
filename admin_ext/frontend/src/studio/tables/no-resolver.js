// In place of the resolver that dmn-js completes names with, which needs its FEEL editor.
export const DmnVariableResolverModule = {};
