"""What a heading, a bold lead-in or a label announces: the words people use for the parts of a runbook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """The part of a document that a title announces."""

    MEANING = "meaning"
    IMPACT = "impact"
    DIAGNOSIS = "diagnosis"
    FIX = "fix"
    ASIDE = "aside"
    CAUSE = "cause"
    DURATION = "duration"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Title:
    """A topic and how clearly the words say it: 0 is not at all, 10 is by name."""

    topic: Topic
    weight: int = 0


_RULES: tuple[tuple[Topic, int, str], ...] = (
    (Topic.ASIDE, 9, r"see also|references?|(useful |related |external )?(links?|documentation|docs|reading)"
        r"|related( \w+)?"
     r"|further (reading|information)|additional (resources|information|reading)|resources|more info(rmation)?"
     r"|(table of )?contents|toc|licen[cs]e|contributing|contributors|change ?log|history|revision history"
     r"|authors?|owners?(hip)?"
     r"|contacts?|escalat\w+( \w+){0,3}|prerequisites?|pre-?requisites?|requirements|metadata|post[- ]?incident.*"
     r"|post[- ]?mortem.*"
     r"|prevent\w*( \w+){0,3}|follow[- ]?ups?.*|long[- ]term.*|lessons.*|thanks|acknowledge?ments|glossary|faq"
     r"|alert (rule|definition)s?"
     r"|alert (expression|query|expr)|expression|rule|promql|severity.*|priority|owner|team|service|labels"
     r"|feedback|appendix|examples?"
     r"|tuning|false positives?|testing.*|post[- ]resolution.*|communication.*|configuration|architecture|sla|slo"
     r"|success criteria"
            r"|permissions?|inputs?|outputs?|parameters?|usage|api|schema|topology|environment( variables)?|rbac"),
    (Topic.MEANING, 10, r"meaning|what (does )?(this|the|it)( alert)? means?|what does .* mean|what is (this"
        r"|the) alert( about)?"
     r"|meaning of (the|this) alert|alert meaning|what this alert means|why (did|does|is) (this|the) alert .*"
     r"|what (does|is|do) (this|the|it)\b.*"),
    (Topic.MEANING, 8, r"(alert |short |brief |issue |problem |incident )?(description|summary|definition"
        r"|explanation)|message"
     r"|what (happened|is happening|is wrong|is this|it is)|tl ?;? ?dr|alert details|about( this alert)?"
     r"|the problem|intent"),
    (Topic.MEANING, 6, r"(alert )?(overview|details?|info(rmation)?|context|introduction|intro|purpose|scope"
        r"|problem|issue"
     r"|problem statement|condition|trigger(s|ing conditions?|ed by)?|trigger conditions?|when (does )?(this"
     r"|it)( alert)? fires?"
     r"|why (it|this) (fires|triggers|happens)|reason|scenario|alert)"),
    (Topic.MEANING, 4, r"(common |user[- ]visible |observed )?(symptoms?|signs|detection|background"
        r"|when to use( this)?( runbook)?"
     r"|(possible|likely|potential|common|probable) (root )?(causes?|reasons?))|causes?"),
    (Topic.IMPACT, 10, r"impacts?|(user|customer|business|service|potential|possible|expected|system"
        r"|end[- ]?user)(/\w+)? impacts?"
     r"|impact (of|on) .*|what is the impact.*|user[- ]facing impact"),
    (Topic.IMPACT, 8, r"impact (and|&|/) \w+|(severity|scope) (and|&|/) impact|consequences?|effects?|blast radius"
     r"|(who|what) is (affected|impacted)|why (this|it) matters|affected (users|services|systems)|risks?"),
    (Topic.DIAGNOSIS, 9, r"(\w+ )?(diagnos\w+|investigat\w+|triag\w+|troubleshoot\w*|debug\w*)( \w+){0,3}"
     r"|how (to|do i|do you|can i) (diagnose|investigate|debug|check|triage|troubleshoot|verify|confirm|find).*"
     r"|(initial |first |quick |basic |things to |what to |health )?(checks?|check ?list)|(initial|first"
     r"|immediate) (steps|response|checks)"
     r"|verification|verify( \w+)?|confirm( \w+)?|what to (check|look (for|at))|(possible|suggested|recommended"
     r"|common) checks|(understand|check)ing the (current )?(state|alert)|root cause analysis"),
    (Topic.FIX, 9, r"(\w+ )?(mitigations?|mitigate|mitigating|remediations?|remediate|resolutions?|resolving|resolve"
     r"|solutions?|fixe?s?|fixing|workarounds?|recovery|recover|recovering)( \w+){0,3}"
     r"|how (to|do i|do you|can i|should i|we) .*|how (do|should) we .*|what (to do|should i do|should you do"
     r"|can i do|do i do|now)\b.*"
     r"|(recommended |required |suggested |immediate |corrective |possible |possible |on-?call |response "
     r"|operator |manual )?"
     r"(actions?|steps?|procedures?|instructions?|responses?)( (to|for|when|if|required|plan|steps?"
     r"|items to take)\b.*)?"
     r"|course of action|next steps|play ?books?|run ?books?|to ?do when .*|repair|roll ?back.*|remedy|remedies"
     r"|tasks|handling|sop"
     r"|(operating|operational) procedures?|restor\w+( \w+){0,3}|failover.*|manual intervention|action required"),
)  # fmt: skip
WEAK = 3
"""A title that only sounds like a step ("Check pod health", "Scaling up"): taken where nothing clearer stands."""
_LOOKING = (
    r"(?:check|verify|confirm|inspect|review|identify|determine|find|gather|collect|look|examine|analy[sz]"
    r"|investigat|locat|test|monitor|validat)"
)
_MENDING = (
    r"(?:restart|reboot|recover|restor|scal|fix|resolv|remov|delet|rotat|renew|clear|clean|increas|reduc|free"
    r"|replac|roll|revert"
    r"|rebuild|recreat|resiz|expand|failover|fail over|switch|kill|stop|start|drain|cordon|mitigat|repair|reset"
    r"|resync|promot|disabl|enabl)"
)
_SOUNDS = (
    (Topic.DIAGNOSIS, WEAK, re.compile(rf"(?:{_LOOKING}\w{{0,4}}) .*")),
    (Topic.FIX, WEAK, re.compile(rf"(?:{_MENDING}\w{{0,4}}) .*")),
)
_COMPILED = tuple((topic, weight, re.compile(rf"(?:{words})\Z")) for topic, weight, words in _RULES)

_PAST_RULES: tuple[tuple[Topic, int, str], ...] = (
    (Topic.CAUSE, 10, r"(the |blameless |final |technical |underlying |immediate |direct |primary "
        r"|proximate )*root[- ]causes?"
     r"( analysis| summary)?( of .*)?|(technical|primary|underlying|immediate|direct|proximate|probable) causes?"
     r"|what caused .*"),
    (Topic.CAUSE, 9, r"root[- ]causes? (and|&|/) (resolution|fix|mitigation|recovery)"),
    (Topic.CAUSE, 8, r"causes?( of .*)?|trigger(s|ed by)?|the cause|fault"),
    (Topic.FIX, 10, r"(the |final |incident |issue )?(resolutions?|fix|the fix|mitigations?|recovery"
        r"|remediation)( steps| summary)?"
     r"|how (was|were|did) (it|this|the \w+|we|things) (fixed|resolved|mitigated|fix|resolve|mitigate)\b.*"
     r"|what (was|did|we|have we) (done|do|did)( to (fix|resolve|mitigate|recover).*)?|resolution (and|&) recovery"
     r"|mitigation (and|&) resolution|(resolved|fixed|mitigated) by"),
    (Topic.FIX, 8, r"actions? taken( .*)?|steps taken( .*)?|immediate (actions?|response)( taken)?|workaround"
        r"|solution|corrective actions? taken"),
    (Topic.DURATION, 10, r"(total |outage |incident |impact |downtime |overall )*duration( of .*)?"
        r"|(total )?down ?time"
     r"|time to (resolve|resolution|recover|recovery|mitigate|mitigation|restore|fix)|ttr|mttr"
     r"|length of (the )?(outage|incident)"),
    (Topic.MEANING, 10, r"(executive |incident |issue |short |brief )?summary|tl ?;? ?dr|synopsis|abstract"),
    (Topic.MEANING, 8, r"(incident )?(overview|description|what happened\??)|the incident|problem"),
)  # fmt: skip
_PAST = tuple((topic, weight, re.compile(rf"(?:{words})\Z")) for topic, weight, words in _PAST_RULES)

_NUMBER = re.compile(
    r"\W*(?:(?:step|phase|part|section)\s*\d+\s*[:.)–—-]?\s*|\d+(?:\.\d+)*\s*[.):]?\s+|[ivx]+[.)]\s+|[a-z][.)]\s+)"
)
_DECORATION = re.compile(r":[a-z_]+:|\{#[^}]*\}|<[^>]*>|[^\w\s/&'-]")


def plain(title: str) -> str:
    """Return a title's bare words in lower case, without numbering, emoji and punctuation."""
    words = title[:200].lower().replace("’", "'")
    number = _NUMBER.match(words)
    words = words[number.end() :] if number else words
    return " ".join(_DECORATION.sub(" ", words).replace("_", " ").split()).strip(" -")


def squeezed(title: str) -> str:
    """Return only the letters and digits of a title, to compare `KubePodNotReady` and "Kube Pod Not Ready"."""
    return re.sub(r"[\W_]+", "", title[:300]).lower()


def topic_of(title: str) -> Title:
    """Tell which part of a runbook a title announces; `NONE` when it announces none."""
    return _match((*_COMPILED, *_SOUNDS), plain(title))


def past_topic_of(title: str) -> Title:
    """Tell which part of a postmortem a title announces."""
    return _match(_PAST, plain(title))


def _match(rules: tuple[tuple[Topic, int, re.Pattern[str]], ...], words: str) -> Title:
    if not words or len(words.split()) > 10:
        return Title(Topic.NONE)
    found = (Title(topic, weight) for topic, weight, pattern in rules if pattern.match(words))
    return next(found, Title(Topic.NONE))
