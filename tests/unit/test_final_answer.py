"""Which answer of a text is counted, and which answers are equal."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from r1tui.domain.answer_form import form, same
from r1tui.domain.final_answer import final_answer

EXTRACTED: list[tuple[str, str | None]] = [
    # boxes
    (r"So \boxed{42}.", "42"),
    (r"\boxed{ 42 }", "42"),
    (r"\boxed {42}", "42"),
    (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
    (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
    (r"\boxed{\left\{x \mid x > \frac{1}{2}\right\}}", r"\left\{x \mid x > \frac{1}{2}\right\}"),
    (r"First \boxed{3}, then \boxed{5}.", "5"),
    (r"\boxed{5} and an empty \boxed{}", "5"),
    (r"\boxed{5} and one that is cut off \boxed{6", "5"),
    (r"\boxed{x = \boxed{7}}", "7"),
    (r"$$\boxed{x = 7}$$", "7"),
    (r"\fbox{9}", "9"),
    (r"\boxed{\text{Paris}}", r"\text{Paris}"),
    (r"\boxed{\text{(B)}}", "B"),
    (r"\boxed{B. 12}", "B"),
    (r"{ an open brace \boxed{8}", "8"),
    (r"} a closing one \boxed{8}", "8"),
    (r"\boxed{8} The answer is 9.", "8"),
    (r"\boxed{6", None),
    (r"\boxed{}", None),
    (r"\boxed{>3}", ">3"),
    ("The box says \\boxed{\n  12\n}", "12"),
    # phrases
    ("The answer is 42.", "42"),
    ("The answer is 42", "42"),
    ("the final answer is: 42", "42"),
    ("Answer: 42", "42"),
    ("**Answer:** 42", "42"),
    ("**Answer**: 42", "42"),
    ("### Final Answer\n**The answer is 42.**", "42"),
    ("The answer is **42**.", "42"),
    ("The answer is $42$.", "42"),
    (r"The answer is \(42\).", "42"),
    ("The final answer is:\n\n\\[\n42\n\\]", "42"),
    ("The final answer is\n$$42$$", "42"),
    ("The answer is 42, because 6 times 7 is 42.", "42"),
    ("The answer is 42 because there are 7 days.", "42"),
    ("The answer is 12 + 30 = 42.", "42"),
    ("The answer is x = 42.", "42"),
    ("The answer is 3.5.", "3.5"),
    ("The answer is -7.", "-7"),
    ("The answer is 1,234.", "1,234"),
    ("The answer is 50%.", "50%"),
    ("The answer is 3/4.", "3/4"),
    ("The answer is 3/4 of the whole cake.", "3/4"),
    (r"The answer is $\frac{3}{4}$.", r"\frac{3}{4}"),
    ("The answer is (1, 2).", "(1, 2)"),
    ("The answer is [0, 1).", "[0, 1)"),
    ("The answer is 2, 3.", "2, 3"),
    ("The answer is x = 2 or x = 3.", "x = 2 or x = 3"),
    ("The answer is 5 km.", "5 km"),
    ("Answer: $\\frac{3}{4}$ (or 0.75)", r"\frac{3}{4}"),
    ("The answer is **B) 12**.", "B"),
    ("The answer is option B.", "B"),
    ("因此，最终答案是 $\\frac{1}{3}$。", r"\frac{1}{3}"),
    ("所以正确答案是 B。", "B"),
    ("**最终答案**：10 元", "10 元"),
    ("**Answer**\n\n42", "42"),
    ("The answer is (B).", "B"),
    ("The answer is (B) Paris", "B"),
    ("The answer is B: Paris", "B"),
    ("The correct option is C.", "C"),
    ("The correct choice is D) 7", "D"),
    ("The answer is yes.", "yes"),
    ("The answer is New York.", "New York"),
    ("The answer to the question is 9.", "9"),
    ("The answer (in metres) is 9.", "9"),
    ("The answer would be 9.", "9"),
    ("The result is 9.", "9"),
    ("The solution is 9.", "9"),
    ("At first the answer is 5. No: the answer is 6.", "6"),
    ("The answer is 5. It is not that the answer is not 5.", "5"),
    ("The answer is not 5.", None),
    ("The answer is that a dog has 4 legs in the usual case", "4"),
    ("答案是42。", "42"),
    ("答案是：42", "42"),
    ("**答案：** 42", "42"),
    ("所以，答案为 42 个。", "42 个"),
    ("最终答案应该是 3.5。", "3.5"),
    ("答案是三分之二。", "三分之二"),
    ("答案是百分之五十", "百分之五十"),
    ("答案是 42，因为 6 乘 7 等于 42。", "42"),
    ("结果等于 1,234", "1,234"),
    ("故选B。", "B"),
    ("所以选 C", "C"),
    ("答案选（D）。", "D"),
    ("因此选择 A。", "A"),
    ("正确选项为 E", "E"),
    ("答案不是 5", None),
    ("答案是北京。", "北京"),
    # the last line
    ("42", "42"),
    ("We add.\n\n42", "42"),
    ("We add.\n\n6 * 7 = 42", "42"),
    ("We add.\n\n**42**", "42"),
    ("We add.\n\n$42$\n", "42"),
    ("We add.\n\n(B)", "B"),
    ("We add.\n\n```\n42\n```", "42"),
    ("We add.\n\nParis", "Paris"),
    ("这样\n\n十二", "十二"),
    ("The capital of France is Paris.", None),
    ("I hope this helps", None),
    ("Thank you!", None),
    ("And so:", None),
    ("What else?", None),
    ("这是一个很长的句子没有答案", None),
    # the last line, behind what may also stand before anything else
    ("So it is 408.", "408"),
    ("It is 408.", "408"),
    ("It is **408**.", "408"),
    ("It's 408.", "408"),
    ("Thus, that is $408$.", "408"),
    ("We add 340 and 68.\n\nSo it is 12 * 34 = 408.", "408"),
    ("12 times 34: 340 and 68. It is 408. I hope this helps!", "408"),
    ("340 and 68 are 408, so it is 408.", "408"),
    ("It is 408 because 12 times 34 is that.", "408"),
    ("It is 408 apples.", "408 apples"),
    ("It is 1,234.5 km", "1,234.5 km"),
    ("So it is B.", "B"),
    ("It is (C), the third one.", "C"),
    (r"So it is $\sqrt{3}$.", r"\sqrt{3}"),
    ("So it is 2x + 1.", "2x + 1"),
    ("So this equals 3/4.", "3/4"),
    ("So it is (1, 2).", "(1, 2)"),
    ("x " * 100 + "So it is 408.", "408"),
    ("所以是 408。", "408"),
    ("所以，是 408。", "408"),
    ("因此就是 **408**。", "408"),
    ("一共是 12 个。", "12 个"),
    ("先算 340 加 68，所以是 408。", "408"),
    ("它等于 408。", "408"),
    ("所以是 B。", "B"),
    ("所以是四百零八。", "四百零八"),
    ("It is raining.", None),
    ("It is raining", None),
    ("So it is.", None),
    ("It is 5 o'clock in Paris, and everybody sleeps.", None),
    ("It is a good day.", None),
    ("It is a.", None),
    ("It is 5 of the seven that we had before.", None),
    ("It is not 408.", None),
    ("Is it so? It is 408?", None),
    ("Tell me if it is 5.", None),
    ("This is it", None),
    ("所以是北京。", None),
    ("所以不是 408。", None),
    ("这是一个问题。", None),
    ("A line of well over forty characters, which is no short answer at all: 42", None),
    ("", None),
    (" \n ", None),
    # as R1 and its distills end
    (r"**Answer:** \(\boxed{408}\)", "408"),
    ("Therefore, the total number of apples is **12**.", "12"),
    (r"Therefore, the probability is \(\frac{3}{8}\).", r"\frac{3}{8}"),
    (r"Thus, the area of the triangle is \(24\) square units.", r"\(24\) square units"),
    ("So, 17 × 24 = 408.", "408"),
    (r"Therefore, \(17 \times 24 = 408\).", "408"),
    ("17 multiplied by 24 equals 408.", "408"),
    ("17 times 24 is 408.", "408"),
    ("**Final Answer:** 408", "408"),
    ("**Final Answer**\n\nThe value of \\(x\\) is \\(\\boxed{5}\\).", "5"),
    (r"Final Answer: $\boxed{\dfrac{1}{2}}$.", r"\dfrac{1}{2}"),
    ("The final result is 408.", "408"),
    ("The value of x is 5.", "5"),
    ("Hence, x = 5.", "5"),
    ("Therefore, x = 5", "5"),
    ("So the remainder is 3.", "3"),
    ("**The correct answer is: (C) 12 cm**", "C"),
    ("The correct answer is **C**.", "C"),
    ("Correct answer: C", "C"),
    ("Answer: (C)", "C"),
    ("ANSWER: C", "C"),
    ("The answer is thus 408.", "408"),
    ("The answer is therefore 408.", "408"),
    ("The answer is approximately 3.14.", "approximately 3.14"),
    ("The answer is: **x = 3**", "3"),
    ("There are 12 eggs in total.", "12"),
    ('There are **3** r\'s in the word "strawberry".', "3"),
    ('The word "strawberry" contains 3 r\'s.', "3"),
    ("In total, there are 12 eggs.", "12 eggs"),
    ("Janet makes $18 every day at the farmers' market.", None),
    ("She has 5 apples left.", None),
    ("The total cost is $45.", "$45"),
    ("The sum of 3 and 5 is 8.", "8"),
    ("3 plus 5 equals 8.", "8"),
    ("3 + 5 = 8", "8"),
    ("So the answer is 3:2.", "3:2"),
    ("The answer is 12:30.", "12:30"),
    ("The answer is 12:30 PM.", "12:30 PM"),
    ("The answer is $x=2$ and $x=3$.", "x=2 and x=3"),
    (r"The answer is \(x = 2\) or \(x = -3\).", r"\(x = 2\) or \(x = -3\)"),
    (r"The solutions are \(x = 2\) and \(x = 3\).", r"\(x = 2\) and \(x = 3\)"),
    ("The roots are 2 and 3.", "2 and 3"),
    ("Answer:\n\\[\n\\boxed{(2, 3)}\n\\]", "(2, 3)"),
    ("The answer is 1.5 × 10^3 m.", "1.5 × 10^3 m"),
    ("Answer: 2^10", "2^10"),
    ("The answer is 2024-11-29.", "2024-11-29"),
    ("The answer is no.", "no"),
    ("Yes, 17 is a prime number.", "Yes"),
    ("The answer is Paris, the capital of France.", "Paris"),
    ("**Answer: Paris**", "Paris"),
    ("The answer is 42. Let me know if you need more help!", "42"),
    (r"The final answer is $\boxed{42}$. I hope it is correct.", "42"),
    ("### Step 3\nx = 5\n\n### Answer\n5", "5"),
    ("#### 18", "18"),
    ("Answer = 42", "42"),
    (r"The answer is \$45.", r"\$45"),
    ("The answer is €5.50.", "€5.50"),
    ("The answer is 5½.", "5½"),
    (r"\boxed{\text{C}}", "C"),
    (r"\boxed{C) 12}", "C"),
    (r"\boxed{12 \text{ eggs}}", r"12 \text{ eggs}"),
    (r"\boxed{\$18}", r"\$18"),
    (r"\(\boxed{3\ \text{r's}}\)", r"3\ \text{r's}"),
    (r"\boxed{11:30}", "11:30"),
    (r"\boxed{x=2,\ y=3}", r"x=2,\ y=3"),
    (r"\boxed{\begin{pmatrix} 1 \\ 2 \end{pmatrix}}", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"),
    (r"\boxed{\begin{cases} x=1 \\ y=2 \end{cases}}", r"\begin{cases} x=1 \\ y=2 \end{cases}"),
    ("因此，17 × 24 = **408**。", "408"),
    ("所以，17乘以24等于408。", "408"),
    ("17 乘以 24 等于 408。", "408"),
    (r"综上所述，答案为：\(\boxed{408}\)", "408"),
    ("所以一共有 12 个苹果。", "12 个苹果"),
    ("一共有12个。", "12个"),
    ("答：一共有 12 个苹果。", "12"),
    ("答：12 个。", "12"),
    ("答：小明还剩 5 个苹果。", "5"),
    ("最终结果：408", "408"),
    ("最终结果是 408。", "408"),
    ("计算结果为 408", "408"),
    ("正确答案：C", "C"),
    ("正确答案是选项 C。", "C"),
    ("正确的选项是C。", "C"),
    ("因此，正确选项是：B", "B"),
    ("本题选 A。", "A"),
    ("应该选择B选项。", "B"),
    ("所以答案是（B）北京。", "B"),
    ("答案：B、北京", "B"),
    ("x 的值为 5。", "5"),
    ("所以 x = 5。", "5"),
    ("因此 x=5", "5"),
    ("概率是 3/8。", "3/8"),
    ("面积是24平方厘米。", "24平方厘米"),
    ("单词 strawberry 中有 3 个字母 r。", None),
    ("“strawberry”中有3个“r”。", None),
    ("答案是3个。", "3个"),
    ("答案是：3 小时 20 分钟", "3 小时 20 分钟"),
    ("答案是5公里。", "5公里"),
    ("答案是二分之一", "二分之一"),
    ("答案是正确的。", "正确的"),
    ("答案是不是42？", None),
    ("余数是 3。", "3"),
    ("因此答案是：**10元**。", "10元"),
    ("**答案：42**", "42"),
    ("## 最终答案\n42", "42"),
    ("最终答案\n\\boxed{42}", "42"),
    (r"因此，三角形的面积为 \(24\)。", "24"),
    ("总费用为45元。", "45元"),
    ("他今年12岁。", None),
    ("I hope this is 100% clear.", None),
    ("Let x = 5.", None),
    ("The meeting is at 5.", None),
    ("Step 2 is to add 5.", None),
    ("Now we check whether x = 5.", None),
    ("设 x = 5。", None),
    ("There are many ways to do it.", None),
    ("Here is the list:", None),
    ("1. First\n2. Second\n3. Third", None),
    ("- apples\n- pears", None),
    ("The war ended in 1945.", None),
    ("Is it 5?", None),
    ("Which one is it, A or B?", None),
    ("如果你还有问题，请告诉我。", None),
    ("The total is 12.\n\nLet me know if you have any questions!", "12"),
    ("总数为 12。\n\n希望对你有帮助！", "12"),
    ("x = 5\ny = 6", "x = 5, y = 6"),
    ("So the answer could be 5 or 6, but we cannot tell.", None),
    ("This has 3 steps.", None),
    ("The second option is better.", None),
    ("版本为 2.0。", "2.0"),
    ("他有 3 个苹果，但不够。", None),
    ("Python 3.11 is the version that is required.", None),
    ("The formula is E = mc^2.", None),
    ("The formula is $E = mc^2$.", None),
    ("The speed of light is 299,792,458 m/s.", "299,792,458 m/s"),
    ("It has been 5 years since then.", None),
    ("By then, he was 12 years old.", "12 years old"),
    ("The answer depends on x.", None),
    ("I think the answer is probably 42.", "42"),
    ("The answer is likely 42.", "42"),
    ("The answer is definitely **42**.", "42"),
    ("答案可能是 42。", "42"),
    ("答案应为42", "42"),
    ("答案：42分", "42分"),
    ("answer is  42\n\nWait, the answer is 43.", "43"),
    ("最终的答案是 42", "42"),
    (r"The answer is $\boxed{}$", None),
    ("The answer is twelve.", "twelve"),
    ("十二", "十二"),
    ("三个", "三个"),
    ("The ratio is 3:2.", "3:2"),
    ("The ratio is 3 to 2.", None),
    ("The answer is 3 to 2.", "3 to 2"),
    ("The answers are 3 and 5.", "3 and 5"),
    ("The answer is (x-1)(x+2).", "(x-1)(x+2)"),
    ("The answer is x^2 + 1.", "x^2 + 1"),
    (r"The answer is $\pi$.", r"\pi"),
    ("The answer is 2π.", "2π"),
    (r"The answer is \(\sqrt{2}\).", r"\sqrt{2}"),
    ("The answer is sqrt(2).", "sqrt(2)"),
    ("The answer is true.", "true"),
    ("True", "True"),
    ("答案是对的", "对的"),
    ("对", "对"),
    ("False.", "False"),
    ("The answer is ABC.", "ABC"),
    ("The answer is A and C.", "A and C"),
    ("答案：A、C", "A、C"),
    ("答案：AC", "AC"),
    ("答案：ACD", "ACD"),
    ("(A) and (C)", "(A) and (C)"),
    (r"\boxed{A, C}", "A, C"),
    (r"\boxed{\text{A and C}}", r"\text{A and C}"),
    (r"\boxed{AC}", "AC"),
    # what is hostile
    ("\\boxed{" * 50, None),
    ("}" * 50 + r"\boxed{3}", "3"),
    (r"\boxed{" + "9" * 400 + "}", None),
    # several unknowns
    ("So x = 2 and y = 3.", "x = 2 and y = 3"),
    ("Therefore, x = 2, y = -1.", "x = 2, y = -1"),
    ("所以 x = 2，y = 3。", "x = 2，y = 3"),
    ("最终，方程的解为 x₁ = 2，x₂ = 3。", "x₁ = 2，x₂ = 3"),
    ("方程的解为 $x_1 = 2$ 和 $x_2 = -3$。", "x_1 = 2 和 x_2 = -3"),
    ("- x = 2\n- y = 3", "x = 2, y = 3"),
    ("$x = 2$\n\n$y = 3$", "x = 2, y = 3"),
    ("x = 6/2\nx = 3", "3"),
    ("2x = 6\nx = 3", "3"),
    ("When x = 2, y = 4.", "4"),
    ("当 x = 2 时，y = 4。", "4"),
    # where a value is had
    ("The minimum value is 4, attained when x = 2.", "4"),
    ("Thus, the minimum value is 4 when x = 2.", "4"),
    ("The maximum is 9 at x = 3.", "9"),
    ("最小值为 4，当 x=2 时取得。", "4"),
    ("所以最大值为 9（当 x = 3 时取得）。", "9"),
    # whether, which, when
    ("Yes, it is.", "Yes"),
    ("**No**, 91 is not a prime number.", "No"),
    ("False. 91 is 7 times 13.", "False"),
    ("是的，91 不是质数。", "是的"),
    ("不，91 不是质数。", "不"),
    ("答：能。", "能"),
    ("答：不能。", "不能"),
    ("Option C is correct.", "C"),
    ("Therefore, choice **B** is the right one.", "B"),
    ("选项C正确。", "C"),
    ("Option C is not correct.", None),
    ("**9.9 is larger than 9.11**", "9.9"),
    ("因此，9.9 比 9.11 大。", "9.9"),
    ("因此 9.9 更大。", "9.9"),
    ("5 is larger than 3, so the difference is 2.", "2"),
    ("No. 5 of these is meant here.", None),
    ("It will be Tuesday.", "Tuesday"),
    ("那么今天是星期二。", "星期二"),
    ("The capital of Australia is **Canberra**.", "Canberra"),
    ("澳大利亚的首都是**堪培拉**。", "堪培拉"),
    # what a conclusion tells
    ("So Sally has 3 brothers.", "3 brothers"),
    ("Therefore, she spent $45.50.", "$45.50"),
    ("她一共花了 45.5 元。", "45.5 元"),
    ("所以小明还剩下7个苹果。", "7个苹果"),
    ("因此，他今年12岁。", "12岁"),
    ("So he has 3 apples and 4 pears.", None),
    ("So she needs $\\frac{5}{6}$ of an hour.", None),
    ("所以一共需要 $\\frac{5}{6}$ 小时。", "\\frac{5}{6} 小时"),
    ("因此，甲的速度为 $60$ 千米/小时。", "60 千米/小时"),
    ("括号里应填 32。", "32"),
    ("“strawberry” 中共有 3 个 “r”。", "3"),
    ("The letter r appears **three** times in strawberry.", "three"),
    ("There are 2 or 3 of them.", None),
    ("9.11 < 9.9, so 9.9 is the larger number.", "9.9"),
    # labels and ornaments
    ("Total: 45", "45"),
    ("So the answer's 12.", "12"),
    ("The answer's length is 12 characters or more.", None),
    ("Final answer → 12", "12"),
    ("The answer comes out to 12.", "12"),
    ("Answer: 42 ✅", "42"),
    ("2 * 5 = 10 ✓", "10"),
    ("∴ x = 4. ∎", "4"),
    ("42\n\n---", "42"),
    ("**42**\n\n*Note: this assumes no leap years.*", "42"),
    ("**42**\n\n注：不计闰年。", "42"),
]

EQUAL: list[tuple[str, str]] = [
    # fractions and decimals
    (r"\frac{1}{2}", "0.5"), (r"\frac12", "1/2"), (r"\dfrac{1}{2}", r"\tfrac{1}{2}"), ("½", "0.5"), (".5", "0.50"),
    (r"-\frac{1}{2}", r"\frac{-1}{2}"), (r"\frac{1}{-2}", "-0.5"), (r"\frac{2}{4}", "1/2"), ("−3", "-3"), ("+3", "3"),
    ("3 1/2", "3.5"), (r"3\frac{1}{2}", "7/2"), ("3½", "3.5"), (r"0.\overline{3}", "1/3"), (r"0.1\overline{6}", "1/6"),
    ("42.0", "42"), ("007", "7"), ("1e3", "1000"), (r"3\times 10^8", "3e8"), (r"3 \cdot 10^{8}", "300000000"),
    ("2^{10}", "1024"), ("2^10", "1024"), ("2**10", "1024"), ("10^{-2}", "0.01"), ("-0", "0"), ("６", "6"), ("2²", "4"),
    # percentages, thousands
    ("50%", "0.5"), (r"50\%", "1/2"), ("50 percent", "50 %"), (r"50\text{ percent}", "0.5"), ("0.5%", "1/200"),
    ("1,234", "1234"), ("1,234,567.5", "1234567.5"), ("1{,}234", "1234"), (r"1\,234", "1234"), ("1 234", "1234"),
    (r"1,\!234", "1234"), ("3 million", "3000000"), ("1.5万", "15000"), ("2 thousand", "2,000"),
    # units and words around
    ("5 cm", "5"), (r"5\text{ cm}", "5"), (r"5 \text{ cm}^2", "5"), (r"5\ \mathrm{m/s}", "5"), ("5 m/s", "5"), ("$5", "5"),
    (r"\$5.00", "5"), ("5 dollars", "5"), ("5 apples", "5"), ("90°", "90"), (r"90^\circ", "90 degrees"), ("5元", "5"),
    (r"90^{\circ}", "90"), ("12 个", "12"), ("25平方厘米", "25"), ("约 5", "5"), (r"\approx 5", "5"), ("about 5", "5"),
    ("x = 5", "5"), ("f(x) = 5", "5"), (r"\text{Area} = 5", "5"), ("2 + 3 = 5", "5"), ("5.", "5"), ("**5**", "$5$"),
    (r"x \in [0, 1]", "[0,1]"), (r"\(5\)", "5"), ("(5)", "5"),
    # intervals, tuples, sets
    ("(1, 2)", "(1,2)"), (r"\left(1, 2\right)", "(1,2)"), (r"\left(\frac{1}{2}, 2\right)", "(0.5, 2)"), ("(1; 2)", "(1,2)"),
    (r"\langle 1, 2\rangle", "(1,2)"), ("[0,100]", "[0, 100]"), ("]0, 1[", "(0,1)"), ("[0, 1[", "[0,1)"),
    (r"(-\infty, 2)", "(-∞,2)"), (r"(-\infty,2)\cup(3,\infty)", "(3,∞) ∪ (-∞,2)"), (r"\{1, 2\}", r"\{2, 1\}"),
    ("{1, 2}", r"\left\{ 1, 2 \right\}"), ("2, 3", "3, 2"), ("2 or 3", "2, 3"), ("1/2 or 0.5", "50%"), ("x = 2 or x = 3", r"\{2,3\}"),
    ("2 and 3", "2,3"), ("2或3", "2, 3"), (r"\pm 3", "3, -3"), (r"x=\pm 3", "-3 or 3"), ("x=1, y=2", "y = 2, x = 1"),
    (r"2 \text{ or } 3", "2 or 3"), ("1，2", "1, 2"), (r"(1, 2), (3, 4)", "(3,4), (1,2)"),
    # choices
    ("A", "(A)"), ("A", "A."), ("B", r"\text{B}"), ("B", r"\textbf{(B)}"), ("C", "Option C"), ("C", "choice c".replace("c", "C")),
    ("D", "选D"), ("D", "选项 D"), ("E", "(E) 12"), ("E", "E. Paris"), ("A", "**A**"), ("A", "[A]"), ("B", r"\textbf{(B) }12"),
    ("A", "（A）"),
    # Chinese numerals
    ("十二", "12"), ("一百零五", "105"), ("三千零二十", "3020"), ("两万", "20000"), ("三分之二", "2/3"), ("百分之五十", "0.5"),
    ("二又三分之一", "7/3"), ("三点一四", "3.14"), ("负五", "-5"), ("二〇二四", "2024"), ("十二个", "12"), ("三个苹果", "3"),
    ("一亿二千万", "120000000"), ("半", "0.5"), ("五元", "5"), ("百分之12.5", "1/8"),
    # words, spacing, expressions
    ("Yes", "yes."), ("Yes!", "yes"), ("New York", r"\text{New York}"), ("x^{2}+1", "x^2 + 1"), (r"\sqrt{3}", "√3"), (r"\sqrt3", "sqrt(3)"),
    (r"2\sqrt{3}", r"2 \cdot \sqrt{3}"), (r"2\pi", "2π"), (r"\frac{x+1}{2}", "(x+1)/2"), (r"x\,+\,1", "x+1"), ("2x", r"2\,x"),
    (r"x \le 3", "x ≤ 3"), ("x²", "x^2"), (r"\dfrac{\sqrt{2}}{2}", r"\frac{\sqrt 2}{2}"), ("3:2", "3 : 2"),
    # further ways to write the same
    ("twelve", "12"), ("forty-two", "42"), ("one hundred and five", "105"), ("two thousand three hundred", "2300"), ("a half", "1/2"),
    ("half", "0.5"), ("three quarters", "0.75"), ("two-thirds", "2/3"), (r"\text{twelve}", "12"), ("Twelve", "12"), ("AC", "A, C"), ("ACD", "A、C、D"),
    ("(A) and (C)", "A, C"), ("A和C", "AC"), ("B选项", "B"), ("（B）北京", "B"), ("B、北京", "B"), ("选项B", "B"), ("B项", "B"), ("12个苹果", "12"), ("5 km/h", "5"),
    ("60 km/h", "60"), ("60 km per hour", "60"), ("60 miles per hour", "60"), ("$45.00", "45"), ("45 dollars", "$45"), ("45美元", "45"), ("￥45", "45"),
    ("¥45", "45"), ("45 cents", "45"), ("5/6", r"\frac{5}{6}"), (r"\frac56", "5/6"), (r"-\frac{5}{6}", "-5/6"), (r"1\frac{2}{3}", "5/3"),
    ("5:6", "5 : 6"), ("5：6", "5:6"), ("x=3", "3"), ("x = 3", "$x=3$"), ("n=10", "10"), (r"\theta = 30^\circ", "30"), ("∠A = 30°", "30°"),
    (r"\angle A = 30^\circ", "30"), ("S = 24 cm²", "24"), ("24 cm²", "24"), ("24 cm^2", "24"), ("24平方厘米", "24"), ("24 square units", "24"),
    (r"24\text{ square units}", "24"), ("24 units^2", "24"), ("24 m^2", "24 m²"), ("24 m²", "24"), ("3.14", "3.140"), ("1 000 000", "1,000,000"),
    ("1000000", "10^6"), (r"1\times10^6", "1000000"), ("1.5e-3", "0.0015"), ("0.0015", "1.5 × 10⁻³"), ("(-1, 3)", "(-1,3)"), ("x>3", "x > 3"),
    ("x > 3", "$x>3$"), ("3 < x", "3<x"), (r"x \geq 2", "x ≥ 2"), ("x≥2", "x >= 2"), (r"x \leq 2", "x <= 2"), ("x != 2", "x ≠ 2"),
    (r"[2, \infty)", r"[2, +\infty)"), ("(-∞, 2]", r"(-\infty,2]"), ("(−∞,2]", "(-∞,2]"), (r"\mathbb{R}", "R"), (r"\emptyset", "∅"),
    (r"\varnothing", "∅"), (r"\sqrt{2}/2", r"\frac{\sqrt{2}}{2}"), ("√2/2", r"\frac{\sqrt{2}}{2}"), ("2√3", r"2\sqrt{3}"), (r"\sqrt[3]{2}", "∛2"),
    (r"\pi/2", r"\frac{\pi}{2}"), ("π/2", r"\frac{\pi}{2}"), ("3π", r"3\pi"), ("3*π", "3π"), ("x^2+2x+1", "x^{2} + 2x + 1"),
    ("(x+1)(x-1)", "(x + 1)(x - 1)"), ("e^{2x}", "e^(2x)"), (r"\ln 2", "ln 2"), ("ln(2)", r"\ln(2)"), (r"\log_2 8", "log_2 8"), (r"\sin x", "sin x"),
    ("Paris", "paris"), ("Paris", "Paris."), (r"\text{True}", "true"), ("Yes", "YES"), ("是", "是。"), ("正确", "正确。"), ("北京", "北京。"),
    ("Monday", "monday"), ("星期三", "星期三。"), ("3小时20分钟", "3 小时 20 分钟"), ("2024年", "2024"), ("百分之八十", "80%"), ("五分之四", "0.8"), ("十五分钟", "15"),
    ("二十块", "20"), ("两个", "2"), ("3斤", "3"), ("4个小时", "4"), ("4 hours", "4"), ("4 hrs", "4"), ("4 h", "4h"), ("15 minutes", "15"),
    ("20 years old", "20"), ("12岁", "12"), ("12 years", "12"), ("3 pairs", "3"), ("0.0", "0"), ("+5", "5"), ("5.00", "5"), ("005", "5"),
    ("1,000.50", "1000.5"), ("x_1 = 2, x_2 = 3", "x_2=3, x_1=2"), ("x=2,y=3", "x = 2, y = 3"), (r"x=2 \text{ and } y=3", "x=2, y=3"),
    ("(x,y)=(2,3)", "(2,3)"), ("(x, y) = (2, 3)", "(2, 3)"), ("2和3", "3, 2"), ("2 或 -3", "-3, 2"), ("x=2或x=-3", "2, -3"), (r"6 \times 7 = 42", "42"),
    ("6*7=42", "42"), (r"\boxed{42}", "42"), (r"42\%", "0.42"), (r"42 \%", "42%"), ("≈3.14", "3.14"), (r"\approx 3.14", "3.14"),
    ("about 3.14", "approximately 3.14"), ("-2", "−2"), ("(-2)", "-2"), (r"\{-2, 2\}", "±2"), ("±2", "2, -2"), (r"\pm\sqrt{2}", "±√2"),
    ("0.(3)", "1/3"), (r"0.\dot{3}", "1/3"), (r"12 \text{ eggs}", "12"), (r"\$18", "18"), (r"3\ \text{r's}", "3"), (r"x=2,\ y=3", "x=2,y=3"),
    (r"\$45", "$45"), (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix}1\\2\end{pmatrix}"), ("两小时", "2"), ("一百二十", "120"),
    ("1.2亿", "120000000"), ("3万人", "30000"), ("12,345元", "12345"), ("2^{10} - 1", "2^10-1"), ("C(5,2)", "C(5, 2)"),
    ("x₁ = 2，x₂ = 3", "x_1 = 2, x_2 = 3"), ("x=2或x=3", "x = 3 or x = 2"), ("3:2", "3∶2"), ("3：2", "3:2"), ("3:45 PM", "3:45 p.m."),
    ("一半", "1/2"), ("周三", "星期三"), ("礼拜三", "星期三"), ("12\\ \\text{cm}^2", "12"), ("¥45.5", "45.5 元"), ("A, C and D", "ACD"),
    ("60千米", "60 km"), ("60千米每小时", "60"), ("60 千米/小时", "60 km/h"), ("2.5千克", "2.5 kg"), ("3万千米", "30000"), ("3千个", "3000"), ("\\text{3 cm}", "3"), ("\\text{12点30分}", "12点30分"),
]  # fmt: skip

DIFFERENT: list[tuple[str, str]] = [
    ("0.333", "1/3"), ("50", "50%"), ("3 1/2", "31/2"), ("1,234", "1, 234"), ("(1,234)", "1234"), ("(1, 2)", "(2, 1)"),
    ("(0, 1)", "[0, 1]"), ("[0, 1)", "(0, 1]"), ("A", "B"), ("a", "A"), ("2x", "2"), ("5x", "5y"), ("5m", "5"), ("10-20", "-10"),
    ("3:2", "1.5"), ("5xyz", "5"), ("四川", "4"), ("三角形", "3"), ("x^{10}", "x^{1}0"), ("1/0", "0"), ("2 sin x", "2"),
    ("5 more than 2", "5"), ("5 times 2", "5"), ("x=1, y=2", "x=2, y=1"), (r"\{2\}", "2"), (r"\sqrt{3}", r"\sqrt{2}"),
    ("2 pm", "2 am"), ("5 degrees below zero", "5"), ("3 north", "3 south"), ("5 degrees north", "5"), ("5!", "5"),
    ("12", "1 2"), ("3成", "3"), ("2X", "2x"), ("10:30", "10"), ("yes", "no"), ("5 squared", "5"), ("y = 2x + 1", "y = 2x"),
    ("12:30", "12"), ("3:20", "3"), ("AB", "BA"), ("A", "AC"), ("twelve", "twelfth"), ("third", "1/3"), ("5 or 6", "5"), ("x>3", "x<3"), ("x>3", "3"),
    ("x>=3", "3"), ("≥3", "3"), (">3", "3"), ("at least 3", "3"), ("3 hours 20 minutes", "3"), ("3小时20分钟", "3"), ("3 feet 5 inches", "3"),
    ("5 out of 7", "5"), ("5 of the 7", "5"), ("3 remainder 2", "3"), ("3 R 2", "3"), ("3余2", "3"), ("1st", "1"), ("第3", "3"), ("10 to 20", "10"),
    ("10–20", "10"), ("10~20", "10"), ("5-6", "5"), ("x+3", "3"), ("no", "none"), ("two thirds", "2"), ("20 third", "20/3"), ("1.5 × 10^3", "1.5"),
    ("100 C", "100"), ("-5°C", "5"), ("5 below", "5"), ("3x", "3"), ("sqrt(3)", "3"), ("√3", "3"), ("3i", "3"), ("2+3i", "2"), ("log 2", "2"),
    ("5 AM", "5 PM"), ("B", "8"), ("O", "0"), ("l", "1"), ("0.67", "2/3"), ("3.14", "π"), ("10 years ago", "10"), ("5 fewer", "5"),
    ("half past two", "2"), ("one third", "three"), ("1 in 6", "1"), ("1 in 6", "6"), ("六分之一", "6"), ("A or B", "A"), ("not 5", "5"),
    ("undefined", "0"), ("infinity", "0"), ("∞", "0"), ("(1,2)", "1.2"), ("1.2", "1,2"), ("1,2", "12"), ("1,23", "123"), ("1,234", "1.234"),
    ("x=1", "y=2"), ("2 dozen", "2"), ("3 squared", "3"), ("5 factorial", "5"), ("5% of 20", "0.05"),
    ("x_1 = 2, x_2 = -3", "x_1 = -3, x_2 = 2"), ("周三", "周四"), ("周三", "3"), ("3:45 am", "3:45 pm"), ("一半", "1.5"), (">3", "3"), ("3∶2", "2∶3"),
    ("60千米", "60000"), ("3千克", "3000"), ("3千元", "3"),
]  # fmt: skip


def test_the_tables_hold_enough() -> None:
    assert len(EXTRACTED) + len(EQUAL) + len(DIFFERENT) >= 150


@pytest.mark.parametrize(("text", "found"), EXTRACTED, ids=[repr(text)[:60] for text, _ in EXTRACTED])
def test_the_counted_answer(text: str, found: str | None) -> None:
    assert final_answer(text) == found


@pytest.mark.parametrize(("one", "other"), EQUAL, ids=[f"{one} = {other}" for one, other in EQUAL])
def test_equal_however_it_is_written(one: str, other: str) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=[f"{one} ≠ {other}" for one, other in DIFFERENT])
def test_what_is_not_shown_equal_is_two_answers(one: str, other: str) -> None:
    assert not same(one, other)
    assert not same(other, one)


def test_an_answer_that_was_cut_off_counts_by_its_box_alone() -> None:
    assert final_answer("The answer is 42", whole=False) is None
    assert final_answer(r"\boxed{42} is what", whole=False) == "42"


# Properties

WRITTEN = sorted({text for pair in (*EQUAL, *DIFFERENT) for text in pair})
SPACES = st.sampled_from([" ", "  ", "\t", "\u00a0", "\u2009", r"\,", r"\;", r"\ ", r"\quad ", "~", "\n"])
ANY_TEXT = st.one_of(
    st.sampled_from(WRITTEN),
    st.text(max_size=40),
    st.text(alphabet="0123456789.,/%+-^*(){}[]\\$ abxABC=∪°一二十百分之点", max_size=30),
)


@given(ANY_TEXT, ANY_TEXT)
def test_equality_is_symmetric(one: str, other: str) -> None:
    assert same(one, one)
    assert same(one, other) == same(other, one)


@given(st.lists(st.sampled_from(WRITTEN), min_size=3, max_size=3))
def test_equality_is_transitive(texts: list[str]) -> None:
    one, two, three = texts
    if same(one, two) and same(two, three):
        assert same(one, three)
    assert len({form(each) for each in texts}) == 3 - same(one, two) - (same(two, three) or same(one, three))


def test_any_blank_may_stand_before_a_commands_argument() -> None:
    assert same("\\frac{\\sqrt\t2}{2}", "\\frac{\\sqrt\n2}{2}")
    assert same("\\frac{\\sqrt\t2}{2}", r"\frac{\sqrt 2}{2}")


@given(st.sampled_from(WRITTEN), st.data())
def test_an_answer_equals_itself_through_any_spacing(text: str, data: st.DataObject) -> None:
    pieces = re.sub(r"(?<!\\)\\ ", " ", text).split(" ")
    spaced = pieces[0]
    for piece in pieces[1:]:
        spaced += "".join(data.draw(st.lists(SPACES, min_size=1, max_size=3))) + piece
    around = "".join(data.draw(st.lists(SPACES, max_size=2)))
    assert same(text, around + spaced + around), spaced


@given(
    st.fractions(max_denominator=10**6),
    st.sampled_from(["{}/{}", r"\frac{{{}}}{{{}}}", r"\dfrac{{{}}}{{{}}} \text{{ cm}}"]),
)
def test_numbers_are_equal_by_value(number, shape: str) -> None:  # type: ignore[no-untyped-def]
    written = shape.format(number.numerator, number.denominator)
    assert form(written) == ("number", number)


@given(st.integers(-(10**9), 10**9))
def test_thousands_are_separated_or_not(number: int) -> None:
    assert form(f"{number:,}") == form(str(number)) == ("number", number)


@given(
    st.text(max_size=200), st.sampled_from([each for each in WRITTEN if "}" not in each and "{" not in each])
)
def test_what_is_boxed_at_the_end_is_found_behind_any_text(before: str, answer: str) -> None:
    assume("\\" not in before)
    found = final_answer(f"{before}\n\\boxed{{{answer}}}")
    assert found is not None
    assert same(found, answer)


@given(st.text(alphabet="\\boxed{}frac123answer is:答案是选AB.,()$\n ", max_size=400))
def test_any_text_is_taken(text: str) -> None:
    found = final_answer(text)
    assert found is None or found.strip()


HOSTILE = [
    r"\boxed{", "}", "{", r"\boxed{1}", "the answer is ", "the answer is not 1. ", "answer (", "答案", "答案是", r"\frac{", r"\frac",
    "(", "[1,", "1,111", "1 111", "\\", "\\\\", "= ", "a or b or ", "√", "{}", "1/", "^", "**", "½", "ﷺ", " ", "\n", ",", "%", "一", "分之",
]  # fmt: skip


def test_hostile_text_takes_time_that_grows_with_its_length() -> None:
    # In a process with a limit of processor time, several times what it needs: quadratic ways never come to the end.
    code = """
import resource, sys
from r1tui.domain.answer_form import form
from r1tui.domain.final_answer import final_answer
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
for piece in eval(sys.stdin.read()):
    text = piece * (400_000 // len(piece))
    final_answer(text); final_answer("The answer is " + text); final_answer(text + r"\\boxed{1}")
    form(text); form(text[:300]); form("(" + text[:298] + ")")
print("done")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], input=repr(HOSTILE), cwd=Path(__file__).parents[2],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "done\n", done.stderr[-500:]
