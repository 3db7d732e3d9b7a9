"""What a sentence is: an order, an advice, a placeholder, a bare link, something that destroys or that silences."""

from __future__ import annotations

import re

_VERBS = (
    "abort|access|acknowledge|acquire|add|address|adjust|allocate|allow|analy[sz]e|apply|approve|ask|assess"
    "|assign|attach|attempt|authenticate"
    "|avoid|back up|backup|balance|begin|block|boot|browse|build|bump|bypass|call|cancel|capture|cat|change|check"
    "|choose|clean|clear|click"
    "|collect|compare|complete|conduct|configure|confirm|connect|consider|consult|contact|continue|convert|copy"
    "|cordon|correct|create"
    "|correlate|curl|debug|decide|decommission|decrease|defragment|delete|demote|deploy|describe|detach|detect"
    "|determine|diagnose|disable|discard"
    "|disconnect|do|do not|don't|double[- ]check|download|downgrade|drain|drop|dump|edit|eliminate|email|enable"
    "|engage|enlarge|ensure|enter|escalate"
    "|establish|estimate|evaluate|evict|examine|exec|execute|exit|expand|explain|export|extend|extract|fail ?over"
    "|fetch|file|filter|find|fine-tune"
    "|fix|flush|follow|force|free|gather|get|give|go|grab|grant|grep|have|head|hit|identify|ignore|implement"
    "|import|improve|increase|inform|initiate"
    "|inspect|install|investigate|invoke|isolate|issue|join|jump|keep|kill|launch|let|limit|list|locate|lock|log"
    "|login|look|loosen|lower|make"
    "|manually|map|mark|merge|migrate|mitigate|modify|monitor|mount|move|mute|navigate|note|notify|observe|obtain"
    "|open|optimi[sz]e|override|page|patch|pause"
    "|perform|pick|ping|place|plan|post|prepare|press|prevent|print|prioriti[sz]e|proceed|profile|promote|provide"
    "|provision|prune|pull|purge|push|put"
    "|query|raise|re-?add|re-?apply|re-?boot|re-?build|re-?calculate|re-?check|re-?claim|re-?configure"
    "|re-?connect|re-?cover|re-?create|re-?deploy"
    "|re-?enable|re-?fresh|re-?generate|re-?index|re-?install|re-?issue|re-?join|re-?load|re-?mount|re-?open"
    "|re-?place|re-?play|re-?provision|re-?queue"
    "|re-?run|re-?schedule|re-?set|re-?size|re-?start|re-?store|re-?sync\\w*|re-?tag|re-?trigger|re-?try"
    "|re-?validate|re-?write|reach|read|rebalance|record"
    "|reduce|refer|register|release|relax|remediate|remove|rename|renew|repair|repeat|report|request|require"
    "|resolve|respond|retrieve|return|reuse|reverse"
    "|revert|review|revoke|roll|roll ?back|rotate|run|save|scale|scan|schedule|scroll|search|see|select|send|set"
    "|shift|shorten|shut|silence|simulate|skip"
    "|sort|specify|split|spread|ssh|stabili[sz]e|start|stop|study|submit|suspend|switch|sync|synchroni[sz]e|tail"
    "|take|talk|tell|terminate|test|throttle"
    "|touch|trace|track|trigger|troubleshoot|truncate|try|tune|turn|type|unblock|uncordon|undo|uninstall|unlock"
    "|unmount|unset|update|upgrade|upload|use"
    "|vacuum|validate|verify|view|visit|wait|walk|warn|watch|widen|wipe|work|write|zoom"
)
_LEAD = (
    r"[\s>*_#\"'“‘(\[-]*(?:\[[ xX]\]\s*)?"
    r"(?:(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|then|next|now|also|finally|lastly"
    r"|please|always|never|immediately|quickly|carefully|manually|optionally|alternatively|otherwise|again|afterwards"
    r"|instead|and|or|just|simply|step \d+|option \d+|\d+)\b[\s,.:)–—-]*){0,3}[*_`]{0,2}"
)
_ORDER = re.compile(rf"{_LEAD}(?:{_VERBS})\b(?!\w*')", re.IGNORECASE)
_REMARK = re.compile(
    r"[\s*_>(]*(?:please )?(?:note|see|notice|remember|keep in mind"
    r"|be aware)[*_]{0,2}:?[*_]{0,2} (?:that|how)\b|\W*note:",
    re.I,
)
_CAPITAL = re.compile(r"[*_]{0,2}[A-Z]")
_CONDITION = re.compile(
    r"[\s*_>-]*(?:if|when|whenever|once|in (?:the )?(?:case|event|rare|some|extreme\w*|this case|such)|for|to"
    r"|after|before|unless"
    r"|while|depending|where|another (?:option|way)|on|as (?:an?|the|last))\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:you|we|one|operators?|engineers?|on-?call)(?:'ll| will)? (?:also |then |still |often |usually |probably )?"
    r"(?:should|must|can|could|may|might|needs?|have to|want to)\b"
    r"|\b(?:should|must|needs? to|has to|have to) (?:\w+ly |also |either |first |then )?be "
    r"(?:\w+ly )?(?:\w{2,}(?:ed|en)|set|put|run|cut|shut|reset|sent|kept|done)\b"
    r"|\b(?:can|could|may|might) be (?:\w+ly )?(?:used|done|fixed|resolved|solved|checked|restarted|mitigated"
    r"|verified|viewed|run"
    r"|increased|reduced|decreased|removed|deleted|ignored|better|necessary|worth|scaled|raised|lowered|set|tuned"
    r"|adjusted)\b"
    r"|\b(?:is|are|it's) (?:\w+ )?(?:recommended|advised|suggested|best to|better to|possible to|worth"
    r"|important to)\b"
    r"|\b(?:make|be) sure\b|\b(?:re)?solves\b|\bfixes (?:the|this|it)\b|\bis to\b|\bneeds? to\b|\bensure\b"
    r"|^\W{0,4}(?!Depend|Accord|Dur|Regard|Noth|Someth|Everyth|Anyth|Exist"
    r"|Pend)(?-i:[A-Z])[a-z]+ing\b.{3,200}\b(?:should|will|can|may|might|would|helps?|fixe?s)\b",
    re.IGNORECASE | re.DOTALL,
)
_AFTER_CONDITION = re.compile(
    r"\b(?:check|verify|consider|try|restart|reboot|roll back|rollback|delete|remove|increase|decrease|reduce"
    r"|contact|escalate|add|scale"
    r"|inspect|investigate|run|execute|follow|enable|disable|replace|recreate|redeploy|drain|cordon|look at"
    r"|look for|ask)\b",
    re.IGNORECASE,
)
_LABELLED_LINK = re.compile(r"\W*[\w ]{1,40}\W*:\W*(?:https?://\S+|\[[^\]]{0,200}\]\([^)\s]*\))\W*\Z")
_REFERENCE = re.compile(
    r"\W*(?:for )?(?:more|further|additional|other|detailed)\b[^.]{0,40}\b(?:info\w*|details?"
    r"|reading|docs?|documentation|resources)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(rf"[,:;–—]\s*(?:then\s+|please\s+|and\s+|also\s+|you (?:can|may"
    rf"|should)\s+)?[*_`]{{0,2}}(?:{_VERBS})\b|\bthen\s+(?:{_VERBS})\b", re.IGNORECASE)  # fmt: skip

_PLACEHOLDER = re.compile(
    r"\b(?:TODO|FIXME|TBD|TBA|TBC|XXX|WIP|T\.B\.D)\b|\b(?:todo|to-do|fixme|tbd)\s*(?::|\Z)|(?i:\bcoming soon\b"
    r"|\blorem ipsum\b|\bplaceholder text\b"
    r"|\bto be (?:written|added|determined|defined|documented|filled|completed|decided|done)\b|\bfill (?:this|me"
    r"|in this)\b|\bwork in progress\b|\bunder construction\b"
    r"|\b(?:not|nothing) (?:yet )?(?:written|documented|here)\b(?: yet)?|\b(?:section|page|runbook) is (?:empty"
    r"|incomplete|a stub|missing)\b"
    r"|\bno runbook (?:exists|available|yet)\b|\b(?:needs|add) (?:documentation|content|description|details"
    r"|steps) here\b|\bcommand needed\b)"
)
_BLANK = re.compile(
    r"[\W_]*(?:n/?a|none|unknown|empty|-+|\.+|not applicable|todo|to do|wip|pending|tbd)?[\W_]*\Z", re.IGNORECASE
)
_TEMPLATE = re.compile(r"(?:\*(?!\*)[^*]+\*|_(?!_)[^_]+_|<[^<>`]+>|\[[^\[\]]+\]|\{\{?[^{}]+\}?\})[.:]?\s*\Z")
_IMAGE = re.compile(
    r"!\[[^\]\n]{0,300}\]\([^)\n]{0,2000}\)|\[!\[|<img\b|\{\{[<%]|^\[TOC\]|^\[\[_TOC_\]\]|^<!--", re.IGNORECASE
)
_LINK = re.compile(
    r"!?\[(?:[^\[\]\n]|\n(?!\n)){0,300}\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)"
    r"|\[[^\]]{0,100}\])?|<https?://[^>\s]+>|https?://\S+"
)
_POINTER = re.compile(
    r"(?:\W|\b(?:please|also|see|check|read|refer|refers|to|and|or|the|this|these|here|for|more|on|in|at|of|a|an"
    r"|about|from|how|doc|docs|documentation|page|guide|article|link|links"
    r"|runbook|details?|info|information|follow|following|visit|view|consult|blog|post|reference|further|steps?"
    r"|mitigation|diagnosis|instructions|as|described|well|with|official|old|out|issue"
    r"|section|example|examples|overview|tips|additional|related|dashboard|dashboards|your|you|can|be|found|is"
    r"|are|available)\b)*\Z",
    re.IGNORECASE,
)  # fmt: skip

_BENIGN = re.compile(
    r"\boom[- _]?kill\w*|\b(?:was|were|been|being|got|gets|recently|has|have|keeps?|is|are|not|already|constantly"
    r"|frequently|why(?: \w+){1,4}) "
    r"(?:\w+ly )?(?:killed|evicted|deleted|terminated|restarted|restarting|drained|dropped|cordoned|removed"
    r"|terminating|rebooted|rebooting|stopped|wiped|failing)\b"
    r"|\b(?:restart|reboot|drop|eviction|kill) (?:counts?|rates?|times?|reasons?|loops?|polic\w+)\b"
    r"|\bnumber of restarts\b|\btermination grace\b|\bterminating state\b|\brestart_lsn\b"
    r"|\b(?:across|between|survives?|since the last) (?:\w+ )?(?:reboots?|restarts?)\b",
    re.IGNORECASE,
)
_DESTROYS = re.compile(
    r"\b(?:delet\w+|rm|rmi|rmdir|drop(?:s|p?ed|ping)?|truncat\w+|drain\w*|(?<!un)cordon\w*|re-?start\w*"
    r"|re-?boot\w*|p?kill(?:s|ed|ing|all)?|forc(?:e|ed|es|ing|ibly|efully|eful)|wip(?:e|es|ed|ing)"
    r"|re-?set\w*|fail[- ]?over\w*|switch[- ]?over|roll(?:s|ed|ing)?[- ]?back\w*|rollout undo|rollout restart"
    r"|terminat\w+|purg\w+|evict(?:s|ed|ing|ion of)?|flush\w*|taint(?:ing)? (?:the|a|all|nodes?)|dd|mkfs\S*|fdisk"
    r"|parted|wipefs|destroy\w*"
    r"|remov\w+|uninstall\w*|shut(?:ting|s)?[- ]?(?:it |them |the \w+ )?down|shutdown|halt|power[- ]?(?:off"
    r"|cycle)\w*|stop(?:s|ped|ping)?|overwrit\w+|re-?creat\w+|re-?provision\w*|re-?format\w*|format(?:ting)? the"
    r"|decommission\w*|detach\w*|un-?mount\w*|umount|prun\w+|defrag\w*|revert\w*|erase\w*|clean(?:ing)? ?up"
    r"|expung\w+|discard\w*|unlink|shred|revok\w+|re-?index\w*|vacuum full|promot\w+|demot\w+|step[- ]?down"
    r"|abort\w*|cancel\w*|clear(?:s|ed|ing)? (?:the |out |up |all |old )?\w+|re-?install\w*|re-?build\w*"
    r"|re-?deploy\w*|replace --force|bounce|recycl\w+|SIGKILL|SIGTERM|re-?join|re-?initiali[sz]e\w*|resetting"
    r"|restor\w+)\b"
    r"|\bscal\w+ (?:\w+ ){0,4}(?:down|to (?:0|zero))\b|--replicas[= ]0\b|--(?:force|purge|prune|delete|hard"
    r"|now)\b|\bkill -\d|\bgit push -f|\bDELETE\b|-X ?(?:DELETE|PUT)\b|[^>]>\s*/dev/sd|\btee /proc|-delete\b"
    r"|\bmv\s+/|\b-9\b",
    re.IGNORECASE,
)
_SILENCES = re.compile(
    r"\b(?:silenc\w+|mut(?:e|ing)|snooz\w+|acknowledg\w+|ack|suppress\w*|inhibit\w*)\b"
    r"|\b(?:disabl\w+|turn(?:ing)? off|pause|delete|remove|ignore)\b[^.\n]{0,40}\b(?:alerts?|alarms?|pag(?:es?|er"
    r"|ing)|notifications?|alert(?:ing)? rules?)\b"
    r"|\b(?:adjust|raise|increase|tune|change|relax|update)\b[^.\n]{0,30}\balert(?:ing|'s)?\b[^.\n]{0,12}\bthresholds?\b",
    re.IGNORECASE,
)


def is_order(sentence: str, *, capital: bool = False) -> bool:
    """Tell whether a sentence begins with an order ("Check …", "First, restart …"); `capital` asks for a capital."""
    head = sentence[:160]
    if _REMARK.match(head):
        return False
    return _ORDER.match(head) is not None and (not capital or _CAPITAL.match(head.lstrip()) is not None)


def is_action(sentence: str) -> bool:
    """Tell whether a sentence says what to do: an order, an order under a condition, or an advice."""
    head = sentence[:600]
    if is_order(head) or _CLAUSE.search(head):
        return True
    if is_condition(head) and _AFTER_CONDITION.search(head):
        return True
    return _ADVICE.search(head) is not None


def is_condition(sentence: str) -> bool:
    """Tell whether a sentence opens with a condition ("If …", "In case …", "For …")."""
    return _CONDITION.match(sentence[:80]) is not None


def is_remark(sentence: str) -> bool:
    """Tell whether a sentence is a remark beside the matter ("Note that …")."""
    return _REMARK.match(sentence[:160]) is not None


def is_placeholder(text: str) -> bool:
    """Tell whether a text stands in for one that was never written."""
    return _PLACEHOLDER.search(text) is not None or _BLANK.match(text) is not None


def is_template(text: str) -> bool:
    """Tell whether a text is wholly in italics or brackets, as the instructions of a template are."""
    return _TEMPLATE.match(text.strip()) is not None


def is_furniture(text: str) -> bool:
    """Tell whether a text holds an image, a badge or a shortcode of a site generator."""
    return _IMAGE.search(text) is not None


def is_pointer(text: str) -> bool:
    """Tell whether a text does no more than point to another page."""
    if _REFERENCE.match(text) or _LABELLED_LINK.match(text):
        return True
    return _LINK.search(text) is not None and _POINTER.match(_LINK.sub(" ", text)) is not None


def destroys(text: str) -> bool:
    """Tell whether a step's sentence or command deletes, restarts, drains or overwrites something.

    Errs towards yes: a false mark costs a glance, a missed one can cost the data.
    """
    return _DESTROYS.search(_BENIGN.sub(" ", text)) is not None


def silences(text: str) -> bool:
    """Tell whether a step only quiets the alert."""
    return _SILENCES.search(text) is not None
