"""LaTeX's names of signs, functions and units, with the characters that show them and their forms in ASCII."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What a sign does in a formula, which decides the space beside it (TeX's classes of atoms, and some more)."""

    ORD = "ordinary"
    NUM = "number"
    WORD = "word"
    """A name of several letters in place of a sign: it is kept apart from its neighbours."""
    TEXT = "text"
    OP = "operator"
    """A function's name or a large operator."""
    BIN = "binary"
    UNARY = "unary"
    SLASH = "slash"
    REL = "relation"
    OPEN = "opening"
    CLOSE = "closing"
    BAR = "bar"
    """A bar that may open, close or divide."""
    PUNCT = "punctuation"
    COLON = "colon"
    POST = "postfix"
    SPACE = "space"
    FRACTION = "fraction"
    """`a/b` on one line."""
    DRAWN = "drawn"
    """A fraction of several lines."""
    RAISED = "raised"
    """What begins with a raised character, such as the degree of a root."""


class Sign(NamedTuple):
    """A sign, its kind and its form in ASCII."""

    text: str
    kind: Kind
    ascii: str


# Each entry is a name, one character, and its ASCII form; without one the name stands for it.
_RELATIONS = """
leq≤<= le≤<= leqslant≤<= geq≥>= ge≥>= geqslant≥>= neq≠!= ne≠!= lt<< gt>> ll≪<< gg≫>> equiv≡== sim∼~ simeq≃~-
approx≈~= cong≅=~ propto∝ prec≺ succ≻ preceq≼ succeq≽ subset⊂ supset⊃ subseteq⊆ supseteq⊇ subsetneq⊊ supsetneq⊋ in∈
notin∉ ni∋ nsubseteq⊈ perp⊥ parallel∥ nparallel∦ mid∣| nmid∤ vdash⊢|- dashv⊣-| models⊨|= Vdash⊩ vDash⊨|=
nleqslant≰ ngeqslant≱ varsubsetneq⊊ varsupsetneq⊋ subsetneqq⫋ supsetneqq⫌ nsubset⊄ nsupset⊅ nsupseteq⊉ sqsubseteq⊑ sqsupseteq⊒ Subset⋐ Supset⋑
lessapprox⪅ gtrapprox⪆ thicksim∼~ thickapprox≈~= varpropto∝ backsim∽ circeq≗ eqsim≂ nsim≁ ncong≇ asymp≍ doteq≐ triangleq≜ restriction↾ coloneqq≔:= lesssim≲ gtrsim≳ approxeq≊ bowtie⋈ smile⌣ frown⌢ trianglelefteq⊴ lessgtr≶
to→-> rightarrow→-> longrightarrow⟶--> leftarrow←<- gets←<- longleftarrow⟵<-- leftrightarrow↔<->
longleftrightarrow⟷<--> Rightarrow⇒=> Longrightarrow⟹==> implies⟹==> Leftarrow⇐<= impliedby⟸<== Longleftarrow⟸<==
Leftrightarrow⇔<=> iff⟺<==> Longleftrightarrow⟺<==> mapsto↦|-> longmapsto⟼|--> hookrightarrow↪ hookleftarrow↩
uparrow↑ downarrow↓ updownarrow↕ Uparrow⇑ Downarrow⇓ nearrow↗ searrow↘ swarrow↙ nwarrow↖ rightharpoonup⇀
leftharpoonup↼ rightleftharpoons⇌<=> leftrightharpoons⇋<=> rightleftarrows⇄ twoheadrightarrow↠ nrightarrow↛
nRightarrow⇏ nleftarrow↚ leadsto⇝~> rightsquigarrow⇝~> vartriangleleft⊲ therefore∴ because∵ nless≮ ngtr≯ nleq≰ ngeq≱
"""
_BINARIES = """
pm±+- mp∓-+ times×* div÷ cdot·* ast∗* star⋆ circ∘ bullet• cap∩ cup∪ sqcap⊓ sqcup⊔ vee∨ wedge∧ lor∨ land∧ oplus⊕ ominus⊖
otimes⊗ oslash⊘ odot⊙ setminus∖ smallsetminus∖ amalg⨿ uplus⊎ wr≀ ltimes⋉ rtimes⋊ dagger† ddagger‡ diamond⋄
bigtriangleup△ bigtriangledown▽ triangleleft◁ triangleright▷ cdotp·* boxplus⊞ boxtimes⊠ veebar⊻ barwedge⊼
"""
_ORDINARY = """
alphaα betaβ gammaγ deltaδ epsilonϵ varepsilonε zetaζ etaη thetaθ varthetaϑ iotaι kappaκ varkappaϰ lambdaλ muμ nuν xiξ
omicronο piπ varpiϖ rhoρ varrhoϱ sigmaσ varsigmaς tauτ upsilonυ phiϕ varphiφ chiχ psiψ omegaω GammaΓ DeltaΔ ThetaΘ
LambdaΛ XiΞ PiΠ SigmaΣ UpsilonΥ PhiΦ PsiΨ OmegaΩ infty∞infinity partial∂ nabla∇ hbarℏ ellℓ wp℘
imathı jmathȷ emptyset∅ varnothing∅ forall∀ exists∃ nexists∄ neg¬ lnot¬ top⊤ intercal⊺ bot⊥ angle∠ measuredangle∡ triangle△
square□ Box□ Diamond◇ parallelogram▱ digammaϝ hslashℏ qed∎ Rℝ Nℕ Zℤ Qℚ Cℂ lozenge◊ blacksquare■ checkmark✓ complement∁ prime′' backprime‵ ldots…... dots…... dotsc…...
dotso…... cdots⋯... dotsb⋯... dotsm⋯... dotsi⋯... vdots⋮: ddots⋱... sharp♯ flat♭ natural♮ clubsuit♣ diamondsuit♦ heartsuit♥
spadesuit♠ bigstar★ ethð mho℧ surd√ colon: copyright© pounds£ euro€ textregistered® S§ P¶ AA Å aa å
lbrace{{ rbrace}} backslash\\\\ yen¥ blacktriangle▲ varDeltaΔ varOmegaΩ varGammaΓ ohmΩ
"""
_OPENING = "langle⟨< lfloor⌊|_ lceil⌈|^ lvert|| lVert‖|| lbrack[[ lparen(( lbrace{{ llbracket⟦[[ lgroup⟮("
_CLOSING = "rangle⟩> rfloor⌋_| rceil⌉^| rvert|| rVert‖|| rbrack]] rparen)) rbrace}} rrbracket⟧]] rgroup⟯)"
_LARGE = """
sum∑ prod∏ coprod∐ int∫ iint∬ iiint∭ iiiint⨌ oint∮ oiint∯ bigcup⋃ bigcap⋂ bigsqcup⨆ bigvee⋁ bigwedge⋀ bigoplus⨁ bigotimes⨂
bigodot⨀ biguplus⨄
"""
_FUNCTIONS = """
sin cos tan cot sec csc cosec arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth sech csch arsinh arcosh artanh
sen tg ctg arctg log ln lg exp det dim ker deg gcd lcm hom arg max min sup inf lim Pr argmax argmin sgn sign tr Tr rank
span diag Var Cov Corr erf ord im coker adj curl div grad Res Aut End Hom Gal ad vol card round floor ceil
"""


def _entries(text: str, kind: Kind) -> dict[str, Sign]:
    found: dict[str, Sign] = {}
    for name, sign, plain in re.findall(r"([A-Za-z]+) ?([^\sA-Za-z]|Å|å)(\S*)", text):
        found[name] = Sign(sign, kind, plain or name)
    return found


SIGNS: dict[str, Sign] = {
    **_entries(_ORDINARY, Kind.ORD),
    **_entries(_RELATIONS, Kind.REL),
    **_entries(_BINARIES, Kind.BIN),
    **_entries(_OPENING, Kind.OPEN),
    **_entries(_CLOSING, Kind.CLOSE),
    **_entries(_LARGE, Kind.OP),
    "aleph": Sign("ℵ", Kind.ORD, "aleph"),
    "degree": Sign("°", Kind.POST, " deg"),
    "div": Sign("÷", Kind.BIN, "div"),
    "colon": Sign(":", Kind.PUNCT, ":"),
    "vert": Sign("|", Kind.BAR, "|"),
    "Vert": Sign("‖", Kind.BAR, "||"),
    "|": Sign("‖", Kind.BAR, "||"),
    "{": Sign("{", Kind.OPEN, "{"),
    "}": Sign("}", Kind.CLOSE, "}"),
    **{char: Sign(char, Kind.ORD, char) for char in "$&#_"},
    "%": Sign("%", Kind.POST, "%"),
    **{name: Sign("‰", Kind.POST, "permil") for name in ("permil", "perthousand", "textperthousand")},
    "Re": Sign("Re", Kind.OP, "Re"),
    "Im": Sign("Im", Kind.OP, "Im"),
    "limsup": Sign("lim sup", Kind.OP, "lim sup"),
    "varlimsup": Sign("lim sup", Kind.OP, "lim sup"),
    "varliminf": Sign("lim inf", Kind.OP, "lim inf"),
    "liminf": Sign("lim inf", Kind.OP, "lim inf"),
    "injlim": Sign("inj lim", Kind.OP, "inj lim"),
    "projlim": Sign("proj lim", Kind.OP, "proj lim"),
    "bmod": Sign("mod", Kind.REL, "mod"),
    "mod": Sign("mod", Kind.REL, "mod"),
    "lq": Sign("‘", Kind.ORD, "'"),
    "rq": Sign("’", Kind.ORD, "'"),
    "celsius": Sign("°C", Kind.POST, " degC"),
    "textdegree": Sign("°", Kind.POST, " deg"),
    "textdollar": Sign("$", Kind.ORD, "$"),
    "textbackslash": Sign("\\", Kind.ORD, "\\"),
    "lbrack": Sign("[", Kind.OPEN, "["),
    "rbrack": Sign("]", Kind.CLOSE, "]"),
    "lbrace": Sign("{", Kind.OPEN, "{"),
    "rbrace": Sign("}", Kind.CLOSE, "}"),
    "backslash": Sign("\\", Kind.ORD, "\\"),
}
"""Name without its backslash → sign."""
_UPRIGHT = "alpha beta gamma delta epsilon theta lambda mu nu pi rho sigma tau phi chi psi omega Delta Omega"
for _name in _UPRIGHT.split():
    SIGNS[f"up{_name}"] = SIGNS[_name]
for _name in _FUNCTIONS.split():
    SIGNS.setdefault(_name, Sign(_name, Kind.OP, _name))

LIMITS = frozenset("∑∏∐⋃⋂⨆⋁⋀⨁⨂⨀⨄") | {
    "lim",
    "max",
    "min",
    "sup",
    "inf",
    "lim sup",
    "lim inf",
    "argmax",
    "argmin",
}
"""Operators whose limits stand above and below them in a display."""

_CHARACTERS: dict[str, Sign] = {
    "+": Sign("+", Kind.BIN, "+"),
    "-": Sign("-", Kind.BIN, "-"),
    "−": Sign("−", Kind.BIN, "-"),
    "*": Sign("*", Kind.BIN, "*"),
    "/": Sign("/", Kind.SLASH, "/"),
    "=": Sign("=", Kind.REL, "="),
    "<": Sign("<", Kind.REL, "<"),
    ">": Sign(">", Kind.REL, ">"),
    ":": Sign(":", Kind.COLON, ":"),
    ",": Sign(",", Kind.PUNCT, ","),
    ";": Sign(";", Kind.PUNCT, ";"),
    "|": Sign("|", Kind.BAR, "|"),
    "‖": Sign("‖", Kind.BAR, "||"),
    "(": Sign("(", Kind.OPEN, "("),
    "[": Sign("[", Kind.OPEN, "["),
    ")": Sign(")", Kind.CLOSE, ")"),
    "]": Sign("]", Kind.CLOSE, "]"),
    "°": Sign("°", Kind.POST, " deg"),
    **{char: Sign(char, Kind.POST, char) for char in "!%"},
}


def character(char: str) -> Sign:
    """The sign that a character of the source is by itself."""
    found = _CHARACTERS.get(char)
    if found is None:
        found = Sign(char, Kind.ORD, char)
        if not char.isascii():
            found = next((sign for sign in SIGNS.values() if sign.text == char), found)
        _CHARACTERS[char] = found
    return found


def _letters(upper: int, lower: int, exceptions: str) -> dict[str, str]:
    table = {chr(65 + at): chr(upper + at) for at in range(26)} if upper else {}
    table |= {chr(97 + at): chr(lower + at) for at in range(26)} if lower else {}
    return table | dict(zip(exceptions[::2], exceptions[1::2], strict=True))


ALPHABETS: dict[str, dict[str, str]] = {
    "mathbb": _letters(0x1D538, 0, "CℂHℍNℕPℙQℚRℝZℤ1𝟙"),
    "mathcal": dict(zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True)),
    "mathscr": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "mathfrak": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
}
"""Letters of other styles; only those that most terminals' fonts have. The others stay as they are."""
ALPHABETS |= dict.fromkeys(("mathds", "Bbb"), ALPHABETS["mathbb"])

UNITS = {
    "metre": "m",
    "meter": "m",
    "second": "s",
    "gram": "g",
    "kilogram": "kg",
    "ampere": "A",
    "kelvin": "K",
    "mole": "mol",
    "candela": "cd",
    "hertz": "Hz",
    "newton": "N",
    "pascal": "Pa",
    "joule": "J",
    "watt": "W",
    "coulomb": "C",
    "volt": "V",
    "farad": "F",
    "ohm": "Ω",
    "siemens": "S",
    "weber": "Wb",
    "tesla": "T",
    "henry": "H",
    "celsius": "°C",
    "degreeCelsius": "°C",
    "lumen": "lm",
    "lux": "lx",
    "becquerel": "Bq",
    "sievert": "Sv",
    "gray": "Gy",
    "minute": "min",
    "hour": "h",
    "day": "d",
    "degree": "°",
    "litre": "l",
    "liter": "L",
    "tonne": "t",
    "electronvolt": "eV",
    "percent": "%",
    "radian": "rad",
    "steradian": "sr",
    "bar": "bar",
    "angstrom": "Å",
    "atmosphere": "atm",
    "bit": "bit",
    "byte": "B",
    "decibel": "dB",
    "km": "km",
    "cm": "cm",
    "mm": "mm",
    "kg": "kg",
    "mg": "mg",
    "mL": "mL",
    "kJ": "kJ",
    "kPa": "kPa",
    "kW": "kW",
    "eV": "eV",
}
"""siunitx's names of units."""
PREFIXES = {
    "kilo": "k",
    "mega": "M",
    "giga": "G",
    "tera": "T",
    "peta": "P",
    "hecto": "h",
    "deca": "da",
    "deci": "d",
    "centi": "c",
    "milli": "m",
    "micro": "µ",
    "nano": "n",
    "pico": "p",
    "femto": "f",
}
"""And of their prefixes."""

SUPERSCRIPTS = dict(
    zip(
        "⊤⊺0123456789+-=()abcdefghijklmnoprstuvwxyz−ABDEGHIJKLMNOPRTUVW",
        "ᵀᵀ⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ⁻ᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        strict=True,
    )
)
SUBSCRIPTS = dict(zip("0123456789+-=()aehijklmnoprstuvx−", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ₋", strict=True))
"""Characters that Unicode has raised and lowered."""

ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0305",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "vec": "\u20d7",
    "overrightarrow": "\u20d7",
    "overleftarrow": "\u20d6",
    "dot": "\u0307",
    "ddot": "\u0308",
    "dddot": "\u20db",
    "acute": "\u0301",
    "grave": "\u0300",
    "check": "\u030c",
    "breve": "\u0306",
    "mathring": "\u030a",
    "cancel": "\u0336",
    "bcancel": "\u0336",
    "xcancel": "\u0336",
    "sout": "\u0336",
    "overleftrightarrow": "\u20e1",
    "falling": "\u0332",
}
"""Accents and the combining characters that draw them."""
