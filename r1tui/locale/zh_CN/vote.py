"""The vote: one question asked several times."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "vote.cost": "最多提问 {n} 次，依次进行：约 {tokens} 个词元，按本机实测速度约需 {time}。",
    "vote.cost_untimed": "最多提问 {n} 次，依次进行：约 {tokens} 个词元；第一次回答结束后显示所需时间。",
    "vote.all_alike": "温度为 0：每次的回答都会相同。",
    "vote.heading": "投票",
    "vote.progress": "{asked}/{planned}",
    "vote.under_way": "第 {number}/{planned} 次：已生成 {n} 个词元",
    "vote.count": "{answer} ×{votes}",
    "vote.more": "另有 {n} 种答案",
    "vote.unanswered": "{n} 次没有答案",
    "vote.time_left": "约剩 {time}",
    "vote.early": "结果已定：剩下的 {n} 次不会改变结果。",
    "vote.tie": "平局：{answers} 各得 {votes} 票。",
    "vote.nothing": "没有一次回答给出可以计数的简短答案；可在问题末尾加上：请把最终答案写在 {box} 中。",
}
