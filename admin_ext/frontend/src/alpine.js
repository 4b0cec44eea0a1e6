// The theme's record pages are driven by Alpine. Its ordinary build evaluates text as code,
// which our content security policy forbids; the CSP build reads a safe subset and knows no
// globals, so what the theme's templates call by name is registered here.
import Alpine from "@alpinejs/csp";

window.Alpine = Alpine;

document.addEventListener("alpine:init", () => {
  Alpine.data("theme", window.theme);
  Alpine.data("searchForm", window.searchForm);
  Alpine.data("searchDropdown", window.searchDropdown);
  Alpine.data("unfoldBody", () => ({
    activeTab: "general",
    sidebarMobileOpen: false,
    sidebarDesktopOpen: true,
    init() {
      const first = this.$el.dataset.activeTab || "general";
      this.activeTab = (window.location.hash || "").slice(1) || first;
    },
    // The theme's form asks the window for its own address; the CSP build knows no globals.
    get window() {
      const { pathname, search } = window.location;
      return { location: { pathname, search } };
    },
  }));
  Alpine.magic("sortRecords", () => window.sortRecords);
});

// The theme's plug-ins (persist, anchor, resize, sort) add themselves on alpine:init, and are
// deferred scripts that stand before this one.
Alpine.start();
