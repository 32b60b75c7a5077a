"""Which questions look as if their answer were short."""

from __future__ import annotations

import pytest

from r1tui.domain.short_answer import has_short_answer

SHORT = [
    "What is 17 × 24?",
    "17*24",
    "What is 3 plus 5?",
    "How many r are there in strawberry?",
    "How much is 15% of 240?",
    "How old is Anna if she is twice as old as Ben, who is 7?",
    "Solve for x: 2x + 3 = 11",
    "Calculate the area of a circle of radius 3.",
    "Find the number of primes below 100.",
    "Find the sum of all two-digit primes.",
    "What is the remainder when 2^100 is divided by 7?",
    "What is the probability of two heads in three tosses?",
    r"Evaluate $\int_0^1 x^2\,dx$",
    r"\frac{3}{4} + \frac{1}{6} = ?",
    "Simplify (a + b)^2 - (a - b)^2",
    "Which planet is largest?\nA. Mars\nB. Jupiter\nC. Venus\nD. Earth",
    "Which is prime? (A) 21 (B) 23 (C) 25 (D) 27 (E) 33",
    "Explain which is right.\nA) 1\nB) 2\nC) 3",
    "Is it A. yes or B. no?",
    "Compute the sum. Write the final answer in the last line.",
    "小明有 12 个苹果，吃了 3 个，还剩多少个？",
    "12 加 30 等于几？",
    "计算 17 × 24",
    "求 x：2x + 3 = 11",
    "鸡兔同笼，共 35 个头，94 只脚，鸡和兔各几只？",
    "解方程 x^2 = 9",
    "240的15%是多少？",
    "下列哪个数是质数？\nA、21\nB、23\nC、25\nD、27",
    "这本书有几页？",
    "计算 8÷2，写出最终答案。",
    "What is 17 x 24?",
    "17x24",
    "Which is larger, 9.11 or 9.9?",
    "Is 91 a prime number?",
    "If a train travels 60 miles in 2 hours, what is its speed?",
    "what is the GCD of 48 and 18",
    "What day of the week is 100 days after Monday?",
    "C(5,2)",
    "sin(30°)",
    "5!",
    "9.11和9.9哪个大？",
    "91是质数吗？",
]
LONG = [
    "Explain how photosynthesis works.",
    "Write a poem about the sea.",
    "Write a function that adds two numbers: f(a, b) = a + b",
    "Why is the sky blue?",
    "How do I grow an ext4 partition that is mounted?",
    "Tell me about the French Revolution.",
    "Describe the life of Euler.",
    "Prove that the square root of 2 is irrational.",
    "Summarize this text in 3 sentences.",
    "Translate to Chinese: how many apples?",
    "What happened on 2024-05-01?",
    "What does https://example.org/a-b/2-3 say?",
    "```python\nprint(1 + 1)\n```\nWhat is wrong here?",
    "Hello",
    "Great! 5 stars",
    "Fix this code: x = 3 + 5",
    "",
    "Which language should I learn first?",
    "Is Plan A better than Plan B?",
    "解释一下光合作用。",
    "写一首关于大海的诗。",
    "为什么天空是蓝色的？",
    "如何计算圆的面积？",
    "请总结这篇文章。",
    "把这句话翻译成英文：还剩多少个苹果？",
    "介绍一下北京。",
    "你好",
]


@pytest.mark.parametrize("question", SHORT)
def test_a_sum_a_count_or_a_choice_has_a_short_answer(question: str) -> None:
    assert has_short_answer(question)


@pytest.mark.parametrize("question", LONG)
def test_what_asks_for_a_text_has_none(question: str) -> None:
    assert not has_short_answer(question)


def test_a_long_question_is_judged_by_its_beginning_and_its_end() -> None:
    assert has_short_answer("A story. " * 10_000 + "How many sentences are there?")
    assert not has_short_answer("Explain this. " + "A story. " * 10_000 + "How many sentences are there?")


@pytest.mark.parametrize("piece", ["1+", "(", "\\frac", "A. ", "how ", "多", "what is the ", "下列"])
def test_hostile_text_is_judged_at_once(piece: str) -> None:
    has_short_answer(piece * 100_000)
