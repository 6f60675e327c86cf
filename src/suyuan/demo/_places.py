"""Who and what stands where: companies, places, equipment and persons of one region. 场所

A region is one plant with the farms that supply it and the distribution centres and shops it
supplies. A larger demo has more regions; each lives for itself, as plants do. The words are
those of ISA-95: enterprise, site, area, work center, work unit, storage zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from suyuan.demo._keys import gln, party_uri, person_uri, physical_asset_uri, place_uri
from suyuan.demo._names import FARMS, PEOPLE, REGIONS, SHOPS, numbered
from suyuan.demo._products import DAIRY_PREFIX, SUPPLIER_PREFIXES, Product, raw_milk

__all__ = [
    "CARRIER_PREFIX",
    "COOPERATIVE_PREFIX_FIRST",
    "CO_PACKER_PREFIX",
    "DAIRY",
    "REGIONS_MAX",
    "Company",
    "Equipment",
    "Farm",
    "Person",
    "Place",
    "Region",
    "Shop",
    "letters",
    "shared_companies",
]

CO_PACKER_PREFIX = "9521002"
FEED_FARM_PREFIX = "9521003"
CARRIER_PREFIX = "9521020"
CHAIN_PREFIXES = ("9521030", "9521031")
COOPERATIVE_PREFIX_FIRST = 9521100
REGIONS_MAX = 800
FARMS_IN_A_REGION = 10
SHOPS_IN_A_REGION = 12
_PLAIN_SHOPS = (4, 9)


@dataclass(frozen=True, slots=True)
class Company:
    """A party: who owns or holds goods."""

    uri: str
    prefix: str
    kind: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place, and the place it is part of."""

    uri: str
    level: str
    en: str
    zh: str
    parent: str | None
    company: str


@dataclass(frozen=True, slots=True)
class Equipment:
    """A physical asset: tank, machine, truck, sensor."""

    uri: str
    kind: str
    en: str
    zh: str
    place: str


@dataclass(frozen=True, slots=True)
class Person:
    """An operator. Events know the reference only; the name stands here and nowhere else."""

    uri: str
    role: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Farm:
    """A farm, its yard, and its milk as a product."""

    company: Company
    place: Place
    product: Product
    is_organic: bool


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop; those of the first chain scan every carton at the checkout.

    Two small ones sell whole milk and plain yoghurt and nothing else.
    """

    company: Company
    place: Place
    scans_cartons: bool
    sells_plain_only: bool


DAIRY = Company(
    party_uri(gln(DAIRY_PREFIX, 1)), DAIRY_PREFIX, "manufacturer", "Heron Creek Dairy", "鹭溪乳业"
)
CO_PACKER = Company(
    party_uri(gln(CO_PACKER_PREFIX, 1)),
    CO_PACKER_PREFIX,
    "co_packer",
    "Copper Kettle Packing",
    "铜壶分装",
)
FEED_FARM = Company(
    party_uri(gln(FEED_FARM_PREFIX, 1)),
    FEED_FARM_PREFIX,
    "feed_farm",
    "Acorn Pig Farm",
    "橡果猪场",
)
CARRIER = Company(
    party_uri(gln(CARRIER_PREFIX, 1)),
    CARRIER_PREFIX,
    "carrier",
    "White Crane Cold Chain",
    "白鹤冷链",
)
CHAINS = (
    Company(
        party_uri(gln(CHAIN_PREFIXES[0], 1)),
        CHAIN_PREFIXES[0],
        "retailer",
        "Corner Lamp Stores",
        "街灯便利",
    ),
    Company(
        party_uri(gln(CHAIN_PREFIXES[1], 1)),
        CHAIN_PREFIXES[1],
        "retailer",
        "Bamboo Basket Markets",
        "竹篮超市",
    ),
)
SUPPLIERS = {
    key: Company(party_uri(gln(prefix, 1)), prefix, "supplier", english, chinese)
    for (key, prefix), (english, chinese) in zip(
        SUPPLIER_PREFIXES.items(),
        (
            ("Seven Jars Cultures", "七坛菌种"),
            ("South Cane Sugar", "南蔗糖业"),
            ("Berry Terrace Fruit", "莓台果品"),
            ("Folded Crane Packaging", "折鹤包装"),
        ),
        strict=True,
    )
}

# key, level, part of, English, Chinese: the inside of a plant.
_PLANT_PLACES = (
    ("reception", "area", "", "Raw milk reception", "收奶区"),
    ("tank_farm", "storage_zone", "", "Tank farm", "罐区"),
    ("processing", "area", "", "Processing", "加工区"),
    ("pasteuriser", "work_unit", "processing", "Pasteuriser 1", "1 号巴氏杀菌机"),
    ("fermentation", "work_center", "processing", "Fermentation", "发酵间"),
    ("churn", "work_unit", "processing", "Butter churn", "黄油搅拌机"),
    ("rework", "work_unit", "processing", "Rework tank", "返工罐"),
    ("filling", "area", "", "Filling and packing", "灌装包装区"),
    ("carton_line", "work_center", "filling", "Carton line", "纸盒灌装线"),
    ("cup_line", "work_center", "filling", "Cup line", "杯装灌装线"),
    ("carton_packer", "work_unit", "carton_line", "Carton case packer", "纸盒装箱机"),
    ("cup_packer", "work_unit", "cup_line", "Cup packer", "杯装装箱机"),
    ("palletiser", "work_center", "filling", "Palletiser", "码垛机"),
    ("ingredient_store", "storage_zone", "", "Ingredient store", "辅料库"),
    ("cold_store", "storage_zone", "", "Cold store", "冷库"),
    ("dispatch", "area", "", "Dispatch dock", "发货月台"),
    ("returns", "area", "", "Returns", "退货区"),
    ("crate_wash", "work_unit", "returns", "Crate washer", "周转箱清洗机"),
    ("laboratory", "area", "", "Laboratory", "化验室"),
)

# key, kind, place, English, Chinese
_PLANT_EQUIPMENT = (
    ("silo_1", "tank", "tank_farm", "Raw milk silo 1", "1 号生乳仓"),
    ("silo_2", "tank", "tank_farm", "Raw milk silo 2", "2 号生乳仓"),
    ("tank_whole", "tank", "tank_farm", "Whole milk tank", "全脂乳罐"),
    ("tank_low_fat", "tank", "tank_farm", "Low-fat milk tank", "低脂乳罐"),
    ("tank_cream", "tank", "tank_farm", "Cream tank", "稀奶油罐"),
    ("fermenter_1", "tank", "fermentation", "Fermenter 1", "1 号发酵罐"),
    ("fermenter_2", "tank", "fermentation", "Fermenter 2", "2 号发酵罐"),
    ("rework_tank", "tank", "rework", "Rework tank", "返工罐"),
    ("pasteuriser", "machine", "pasteuriser", "Plate pasteuriser", "板式巴氏杀菌机"),
    ("churn", "machine", "churn", "Butter churn", "黄油搅拌机"),
    ("carton_filler", "machine", "carton_line", "Carton filler", "纸盒灌装机"),
    ("carton_packer", "machine", "carton_packer", "Carton case packer", "纸盒装箱机"),
    ("cup_filler", "machine", "cup_line", "Cup filler", "杯装灌装机"),
    ("cup_packer", "machine", "cup_packer", "Cup packer", "杯装装箱机"),
    ("palletiser", "machine", "palletiser", "Palletising robot", "码垛机器人"),
    ("crate_washer", "machine", "crate_wash", "Crate washer", "周转箱清洗机"),
    ("incubator", "machine", "laboratory", "Incubator", "培养箱"),
    ("tanker_1", "vehicle", "reception", "Milk tanker 1", "1 号奶槽车"),
    ("tanker_2", "vehicle", "reception", "Milk tanker 2", "2 号奶槽车"),
    ("lorry_1", "vehicle", "dispatch", "Refrigerated lorry 1", "1 号冷藏车"),
    ("lorry_2", "vehicle", "dispatch", "Refrigerated lorry 2", "2 号冷藏车"),
    ("cold_room", "room", "cold_store", "Cold room", "冷库间"),
)

_ROLES = (
    ("driver", "tanker driver"),
    ("reception", "milk reception operator"),
    ("pasteuriser", "pasteuriser operator"),
    ("fermentation", "yoghurt maker"),
    ("filling", "filling line operator"),
    ("packing", "packing operator"),
    ("warehouse", "warehouse keeper"),
    ("laboratory", "laboratory analyst"),
    ("maintenance", "maintenance technician"),
)


def letters(index: int) -> str:
    """Name a plant by letters, as its lot numbers do: A, B … Z, AA, AB …"""
    text = ""
    index += 1
    while index:
        index, place = divmod(index - 1, 26)
        text = chr(ord("A") + place) + text
    return text


def shared_companies() -> list[Company]:
    """Give the companies that every region deals with."""
    return [DAIRY, CO_PACKER, FEED_FARM, CARRIER, *CHAINS, *SUPPLIERS.values()]


@dataclass(slots=True)
class Region:
    """One plant and everybody around it."""

    index: int
    letter: str = field(init=False)
    en: str = field(init=False)
    zh: str = field(init=False)
    site: Place = field(init=False)
    places: dict[str, Place] = field(init=False, default_factory=dict)
    equipment: dict[str, Equipment] = field(init=False, default_factory=dict)
    people: dict[str, tuple[Person, Person]] = field(init=False, default_factory=dict)
    farms: list[Farm] = field(init=False, default_factory=list)
    centres: list[Place] = field(init=False, default_factory=list)
    shops: list[Shop] = field(init=False, default_factory=list)
    cooperative: Company = field(init=False)
    co_packer: Place = field(init=False)
    feed_farm: Place = field(init=False)
    supplier_places: dict[str, Place] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.letter = letters(self.index)
        self.en, self.zh = numbered(REGIONS, self.index)
        self._build_plant()
        self._build_farms()
        self._build_customers()
        self._build_partners()

    @property
    def asset_code(self) -> str:
        """Give what the serial numbers of this plant's equipment start with."""
        return f"{self.letter}-"

    def asset(self, reference: str) -> str:
        """Name a piece of this plant's equipment."""
        return physical_asset_uri(DAIRY_PREFIX, self.asset_code + reference)

    def _build_plant(self) -> None:
        code = gln(DAIRY_PREFIX, 10 + self.index)
        self.site = Place(
            place_uri(code), "site", f"{self.en} plant", f"{self.zh}工厂", None, DAIRY.uri
        )
        for key, level, parent, english, chinese in _PLANT_PLACES:
            self.places[key] = Place(
                place_uri(code, key.upper().replace("_", "-")),
                level,
                english,
                chinese,
                self.places[parent].uri if parent else self.site.uri,
                DAIRY.uri,
            )
        for key, kind, place, english, chinese in _PLANT_EQUIPMENT:
            uri = self.asset(key.upper().replace("_", "-"))
            self.equipment[key] = Equipment(uri, kind, english, chinese, self.places[place].uri)
        for number, (role, title) in enumerate(_ROLES):
            first, second = (
                Person(
                    person_uri(DAIRY_PREFIX, 1000 + self.index * 100 + place),
                    title,
                    *numbered(PEOPLE, self.index * 2 * len(_ROLES) + place),
                )
                for place in (2 * number, 2 * number + 1)
            )
            self.people[role] = (first, second)

    def _build_farms(self) -> None:
        prefix = str(COOPERATIVE_PREFIX_FIRST + self.index)
        self.cooperative = Company(
            party_uri(gln(prefix, 1)),
            prefix,
            "cooperative",
            f"{self.en} Milk Cooperative",
            f"{self.zh}奶农合作社",
        )
        for number in range(FARMS_IN_A_REGION):
            english, chinese = numbered(FARMS, self.index * FARMS_IN_A_REGION + number)
            code = gln(prefix, 100 + number)
            company = Company(party_uri(code), prefix, "farm", english, chinese)
            yard = Place(place_uri(code), "site", english, chinese, None, company.uri)
            product = raw_milk(prefix, 100 + number, english, chinese)
            self.farms.append(Farm(company, yard, product, is_organic=number in (2, 6)))

    def _build_customers(self) -> None:
        for number, (english, chinese) in enumerate((("north", "北"), ("south", "南"))):
            code = gln(CARRIER_PREFIX, 100 + 2 * self.index + number)
            self.centres.append(
                Place(
                    place_uri(code),
                    "site",
                    f"{self.en} distribution centre {english}",
                    f"{self.zh}{chinese}配送中心",
                    None,
                    CARRIER.uri,
                )
            )
        for number in range(SHOPS_IN_A_REGION):
            chain = CHAINS[number % 2]
            english, chinese = SHOPS[number]
            code = gln(chain.prefix, 100 + self.index * SHOPS_IN_A_REGION + number)
            place = Place(
                place_uri(code),
                "site",
                f"{chain.en}, {english}, {self.en}",
                f"{chain.zh}{self.zh}{chinese}",
                None,
                chain.uri,
            )
            self.shops.append(
                Shop(
                    chain,
                    place,
                    scans_cartons=number % 2 == 0,
                    sells_plain_only=number in _PLAIN_SHOPS,
                )
            )

    def _build_partners(self) -> None:
        def yard(company: Company) -> Place:
            code = gln(company.prefix, 2 + self.index)
            english, chinese = f"{company.en}, {self.en}", f"{company.zh}{self.zh}"
            return Place(place_uri(code), "site", english, chinese, None, company.uri)

        self.co_packer = yard(CO_PACKER)
        self.feed_farm = yard(FEED_FARM)
        self.supplier_places = {key: yard(company) for key, company in SUPPLIERS.items()}
