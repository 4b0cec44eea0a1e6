"""THE DOOR of the engine: every call that the floors above may make, and nothing else.

Users are user objects, ids are UUIDs. Every writing call is one transaction, is attributed in the audit
trail, and raises a `ProcessError` with a whole sentence when it cannot be done; then nothing was changed.
The calls stand by what they are about in the modules beside this one; who calls says `from processes import api`.
"""

from processes.actions import Action, ActionCall, Param, action, all_actions, get_action, register_action
from processes.api import (
    bulk,
    changing,
    clocks,
    comparing,
    deciding,
    drafting,
    due,
    files,
    handing,
    inbox,
    looking,
    mending,
    moving,
    publishing,
    registering,
    rehearsing,
    replaying,
    running,
    testing,
    work,
    writing,
)
from processes.api.bulk import *
from processes.api.changing import *
from processes.api.clocks import *
from processes.api.comparing import *
from processes.api.deciding import *
from processes.api.drafting import *
from processes.api.due import *
from processes.api.files import *
from processes.api.handing import *
from processes.api.inbox import *
from processes.api.looking import *
from processes.api.mending import *
from processes.api.moving import *
from processes.api.publishing import *
from processes.api.registering import *
from processes.api.rehearsing import *
from processes.api.replaying import *
from processes.api.running import *
from processes.api.testing import *
from processes.api.work import *
from processes.api.writing import *
from processes.errors import (
    AlreadyDone,
    AlreadyTaken,
    BpmnError,
    Clashing,
    Invalid,
    LockTimeout,
    NotAllowed,
    NotFound,
    ProcessError,
    StaleForm,
)
from processes.ports import Subject, SubjectField, SubjectType
from processes.spoken import gettext

__all__ = [
    "Action",
    "ActionCall",
    "AlreadyDone",
    "AlreadyTaken",
    "BpmnError",
    "Clashing",
    "Invalid",
    "LockTimeout",
    "NotAllowed",
    "NotFound",
    "Param",
    "ProcessError",
    "StaleForm",
    "Subject",
    "SubjectField",
    "SubjectType",
    "action",
    "all_actions",
    "get_action",
    "gettext",
    "register_action",
]
__all__ += bulk.__all__
__all__ += changing.__all__
__all__ += clocks.__all__
__all__ += comparing.__all__
__all__ += deciding.__all__
__all__ += drafting.__all__
__all__ += due.__all__
__all__ += files.__all__
__all__ += handing.__all__
__all__ += inbox.__all__
__all__ += looking.__all__
__all__ += mending.__all__
__all__ += moving.__all__
__all__ += publishing.__all__
__all__ += registering.__all__
__all__ += rehearsing.__all__
__all__ += replaying.__all__
__all__ += running.__all__
__all__ += testing.__all__
__all__ += work.__all__
__all__ += writing.__all__
