"""Invented names: people, farms, villages, shops, in English and Chinese. 名称

None of them is meant to be anybody's: a farm, a shop or a company that has such a name has it
by chance. Where a demo needs more names than are here, numbers follow them.
"""

from __future__ import annotations

__all__ = ["FARMS", "PEOPLE", "REGIONS", "SHOPS", "numbered"]

FARMS: tuple[tuple[str, str], ...] = (
    ("Reed Flat Farm", "芦坪牧场"),
    ("Three Poplars Farm", "三杨牧场"),
    ("Stone Ford Farm", "石渡牧场"),
    ("Morning Mist Farm", "晨雾牧场"),
    ("Old Mill Farm", "老磨坊牧场"),
    ("Willow Bend Farm", "柳湾牧场"),
    ("High Pasture Farm", "高草甸牧场"),
    ("Sheep Bell Farm", "羊铃牧场"),
    ("Red Clay Farm", "红土坡牧场"),
    ("Last Bridge Farm", "尾桥牧场"),
)

REGIONS: tuple[tuple[str, str], ...] = (
    ("Heron Creek", "鹭溪"),
    ("Crane Lake", "鹤沼"),
    ("Maple Pass", "枫垭"),
    ("Moon Bay", "月湾头"),
    ("Pine Ridge", "松脊"),
    ("Swallow Rock", "燕石崖"),
    ("Clear Spring", "澄泉"),
    ("Long Meadow", "长草洼"),
)

SHOPS: tuple[tuple[str, str], ...] = (
    ("Station Square", "站前广场店"),
    ("Lantern Street", "灯笼街店"),
    ("East Gate", "东门店"),
    ("Harbour Steps", "码头石阶店"),
    ("School Lane", "学堂巷店"),
    ("Plum Garden", "梅园店"),
    ("North Bridge", "北桥店"),
    ("Silk Mill", "缫丝坊店"),
    ("Temple Hill", "庙山店"),
    ("Hospital Road", "医院路店"),
    ("Canal Side", "河沿店"),
    ("New Town", "新城店"),
)

PEOPLE: tuple[tuple[str, str], ...] = (
    ("Lu Wenqing", "陆文青"),
    ("Fang Damin", "方大民"),
    ("Qiao Yulan", "乔玉兰"),
    ("Shen Guoping", "沈国平"),
    ("Tan Xiaohui", "谭晓慧"),
    ("Meng Jiahe", "孟家禾"),
    ("Gu Liming", "顾黎明"),
    ("Yao Shufen", "姚淑芬"),
    ("Ding Haotian", "丁昊天"),
    ("Bai Ruoxi", "白若溪"),
    ("Cui Zhenhua", "崔振华"),
    ("He Meiling", "何美玲"),
    ("Kong Yifan", "孔一帆"),
    ("Liao Caixia", "廖彩霞"),
    ("Pan Weidong", "潘卫东"),
    ("Song Anqi", "宋安琪"),
    ("Wei Ningyuan", "魏宁远"),
    ("Ren Chunhua", "任春华"),
)


def numbered(names: tuple[tuple[str, str], ...], index: int) -> tuple[str, str]:
    """Give the name at an index; past the end the list starts again, with a number."""
    round_number, place = divmod(index, len(names))
    english, chinese = names[place]
    if round_number == 0:
        return english, chinese
    return f"{english} {round_number + 1}", f"{chinese}{round_number + 1}"
