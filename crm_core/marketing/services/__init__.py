"""Everything that marketing does: one function per use case."""

from crm_core.marketing.services.campaigns import (
    ApprovalMissing,
    Gate,
    approve,
    change_campaign,
    check_campaign,
    close_campaign,
    evaluate,
    gate,
    pause,
    plan_campaign,
    resume,
    set_state,
    stop,
    update_campaign,
    write_content,
)
from crm_core.marketing.services.mailings import (
    Sent,
    build_list,
    member_of_link,
    note_return,
    send_batch,
    send_test,
    unsubscribe,
    unsubscribe_link,
)
from crm_core.marketing.services.responses import note_outcome, record_response

__all__ = [
    "ApprovalMissing", "Gate", "Sent", "approve", "build_list", "change_campaign", "check_campaign", "close_campaign", "evaluate", "gate", "member_of_link",
    "note_outcome", "note_return", "pause", "plan_campaign", "record_response", "resume", "send_batch", "send_test",
    "set_state", "stop", "unsubscribe", "unsubscribe_link", "update_campaign", "write_content",
]  # fmt: skip
