"""Whether a question looks like one with a short answer, such as a sum: the line for the final answer is offered for it."""

from __future__ import annotations

import re
from functools import cache

_READ = 2000
"""Characters of a question that are looked at: its beginning and as many at its end."""

_LONG_ANSWER = (
    r"\b(?:explain|describe|discuss|summari[sz]e|translate|compare|outline|list|rewrite|rephrase|draft|compose|"
    r"prove|derive|review|refactor|debug|fix|implement|brainstorm)\b"
    r"|\b(?:write|tell me|give me)\b(?! (?:only |just )?(?:the |your )?(?:final |numerical )?(?:answer|result|number|value|sum)\b)"
    r"|\bwhy\b|\bhow (?:do|does|did|can|could|should|would|to)\b(?! you (?:get|have)\b)"
    r"|解释|说明|描述|讨论|总结|概括|翻译|比较|列出|改写|证明|推导|为什么|为何|怎么样|如何|怎样|介绍|分析"
    r"|写(?!出(?:最终|最后)?(?:答案|结果|得数))|编写|谈谈|讲讲|论述"
)
_SHORT_ANSWER = (
    r"\bhow (?:many|much|old|long|far|fast|tall|often|big|large|heavy)\b"
    r"|\b(?:calculate|compute|evaluate|simplify|solve|factori[sz]e)\b"
    r"|\bfind (?:the |all |a )?(?:\w+ ){0,3}(?:value|values|number|numbers|sum|product|area|volume|perimeter|length|"
    r"probability|remainder|root|roots|solution|solutions|angle|distance|x|y|n|k)\b"
    r"|\bwhat(?:'s| is| are|’s) (?:the |\w+ )?(?:\w+ )?(?:sum|product|difference|quotient|remainder|value|area|volume|perimeter|"
    r"length|probability|percentage|average|mean|median|square root|cube root|derivative|integral|limit|"
    r"greatest common|least common|next number)\b"
    r"|\bwhich (?:of (?:the following|these)|(?:one |number )?is (?:larger|bigger|greater|smaller|less|more|heavier|longer|older))\b"
    r"|\bis \d+ (?:an? )?(?:prime|even|odd|divisible|square|cube|perfect)\b|\bwhat day of the week\b"
    r"|\b(?:gcd|lcm|hcf|determinant|factorial)\b|\bwhat(?:'s| is| was|’s) (?:its|his|her|their|the) (?:\w+ )?(?:speed|age|weight|height|"
    r"cost|price|profit|distance|time|score)\b"
    r"|\b(?:plus|minus|times|divided by|multiplied by|squared|cubed|percent of|modulo|mod)\b"
    r"|\\boxed|多少|几(?:个|只|人|天|次|种|倍|元|岁|米|小时|分钟|年|页|本|支|条|张|块|斤|厘米|千米|公里|分之几)"
    r"|等于几|是几|求|计算|算一算|解方程|化简|余数|概率|百分之几|下列.{0,12}(?:是|的是)|选择题|哪(?:个|一)(?:项|选项)|(?:哪个|谁)(?:更|比较)?(?:大|小|多|少|高|重|长)|是(?:质数|素数|偶数|奇数|合数)|星期几|最大公约数|最小公倍数"
)
_SUM = (
    r"\d\s?x\s?\d|\b(?:sin|cos|tan|log|ln)\w{0,3}\s?\(|\b[CP]\(\d+, ?\d+\)|\d!(?!\w)"
    r"|(?:\d|\)|\b[a-z])\s*(?:[-+*/×÷^=−·＋－]|\\(?:times|cdot|div|frac))\s*(?:\d|\(|\?|？|[a-z]\b|\\)"
    r"|\\(?:frac|sqrt|int|sum|binom)\b|√\s*\d|\d\s*[%％]\s*(?:of|的)|\d\s*(?:加|减|乘(?:以)?|除以)\s*\d"
)
_DATE = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\w+://\S+"
_CHOICE = r"(?:^|[\s(（])([A-E])\s*[.):、．）：]"


@cache
def _pattern(source: str) -> re.Pattern[str]:
    """Compiled at the first use: the start does not wait for it."""
    return re.compile(source, re.IGNORECASE)


@cache
def _choice() -> re.Pattern[str]:
    return re.compile(_CHOICE, re.MULTILINE)


def has_short_answer(question: str) -> bool:
    """Whether the answer is likely a number, a formula or a letter: a sum, "how many", a choice from A to E; in English or
    Chinese. What asks for a text, such as "explain" or "write", has none.
    """
    text = question if len(question) <= 2 * _READ else f"{question[:_READ]}\n{question[-_READ:]}"
    if "```" in text:
        return False
    choices = {match.group(1) for match in _choice().finditer(text)}
    if {"A", "B", "C"} <= choices or (choices == {"A", "B"} and len(text) < 300):
        return True
    if _pattern(_LONG_ANSWER).search(text):
        return False
    plain = _pattern(_DATE).sub(" ", text)
    return bool(_pattern(_SHORT_ANSWER).search(plain) or _pattern(_SUM).search(plain))
