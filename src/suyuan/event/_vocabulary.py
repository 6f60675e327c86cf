"""Words of the Core Business Vocabulary: bare word ↔ URN ↔ web URI. 核心业务词汇

CBV 2.0 chapter 7 gives each standard word three spellings: the bare word of JSON
(`shipping`), the URN of CBV 1.x (`urn:epcglobal:cbv:bizstep:shipping`) and the web URI of
CBV 2.0 (`https://ref.gs1.org/cbv/BizStep-shipping`). Inside Suyuan the web URI stands for
the word; whatever spelling came stays in the event's body.

A word of one's own is any other absolute URI. A URI in GS1's own name space that is not one
of its words is a mistake, and is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from urllib.parse import unquote

__all__ = [
    "BUSINESS_STEP",
    "BUSINESS_TRANSACTION_TYPE",
    "COMPONENT",
    "DISPOSITION",
    "ERROR_REASON",
    "MEASUREMENT_TYPE",
    "SENSOR_ALERT_TYPE",
    "SOURCE_DESTINATION_TYPE",
    "STANDARD_NAMESPACES",
    "VOCABULARIES",
    "Vocabulary",
    "word_ending",
]

STANDARD_NAMESPACES: dict[str, str] = {
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "dcterms": "http://purl.org/dc/terms/",
    "epcis": "https://ref.gs1.org/epcis/",
    "gs1": "https://gs1.org/voc/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes that the EPCIS JSON-LD context declares for every document."""

_CBV_WEB = "https://ref.gs1.org/cbv/"
_CBV_WEB_STARTS = (_CBV_WEB, "http://ref.gs1.org/cbv/", "https://ns.gs1.org/cbv/")
_CBV_URN = "urn:epcglobal:cbv:"
_VOC_WEB = "https://gs1.org/voc/"
_VOC_WEB_STARTS = (
    _VOC_WEB,
    "http://gs1.org/voc/",
    "https://www.gs1.org/voc/",
    "http://www.gs1.org/voc/",
)


class Vocabulary:
    """One list of standard words, and the way from each spelling to its web URI."""

    __slots__ = (
        "bare",
        "chinese",
        "definition",
        "is_closed",
        "name",
        "reserved",
        "spellings",
        "urn",
        "words",
    )

    def __init__(
        self,
        name: str,
        chinese: str,
        definition: str,
        words: str,
        *,
        web: str,
        starts: Iterable[str],
        urn: str = "",
    ) -> None:
        self.name = name
        self.chinese = chinese
        self.definition = definition
        """Name of the definition in the official JSON schema."""
        self.words = tuple(words.split())
        web_starts = [start + web for start in starts]
        urn_starts = [_CBV_URN + urn] if urn else []
        self.urn: dict[str, str] = {}
        """Web URI → URN of CBV 1.x, where there is one."""
        self.bare: dict[str, str] = {}
        """Web URI → bare word."""
        self.spellings: dict[str, str] = {}
        """Any spelling → web URI."""
        for word in self.words:
            uri = web_starts[0] + word
            self.bare[uri] = word
            self.spellings[word] = uri
            for start in (*web_starts, *urn_starts):
                self.spellings[start + word] = uri
            if urn:
                self.urn[uri] = urn_starts[0] + word
        # The measurements of GS1's web vocabulary grow between versions of the standard; the
        # official schema lets new ones through as compact URIs (`gs1:…`), and so do we.
        self.is_closed = bool(web)
        # What begins like this and is none of the words was meant to be one of them.
        self.reserved: tuple[str, ...] = (
            *(start for start in web_starts if web or start in _VOC_WEB_STARTS),
            _CBV_URN,
            "http://ns.gs1.org/cbv/",
            "https://ns.gs1.org/cbv/",
        )

    def short(self, text: str) -> str:
        """Give the shortest spelling of a word in which a person knows it.

        Of a word of one's own that is its ending, unless a standard word is that: it would be
        taken for the other.
        """
        uri = self.spellings.get(text)
        if uri is not None:
            return self.bare[uri]
        ending = word_ending(text)
        return text if ending in self.spellings else ending

    def nearest(self, text: str) -> str:
        """Give the word that was probably meant, or an empty string."""
        tail = re.split(r"[/:-]", text)[-1]
        near = get_close_matches(tail, self.words, n=1, cutoff=0.6)
        return near[0] if near else ""


def word_ending(uri: str) -> str:
    """Give the last part of the URI of a word: `filling` of `https://ns.example/filling`."""
    return unquote(re.split(r"[/:#]", uri.rstrip("/:#"))[-1])


BUSINESS_STEP = Vocabulary(
    "business step",
    "业务步骤",
    "bizStep",
    """
    accepting arriving assembling collecting commissioning consigning creating_class_instance
    cycle_counting decommissioning departing destroying disassembling dispensing encoding
    entering_exiting holding inspecting installing killing loading other packing picking
    receiving removing repackaging repairing replacing reserving retail_selling sampling
    sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
    unloading unpacking void_shipping
    """,
    web="BizStep-",
    starts=_CBV_WEB_STARTS,
    urn="bizstep:",
)

DISPOSITION = Vocabulary(
    "disposition",
    "处置状态",
    "disposition",
    """
    active available completeness_inferred completeness_verified conformant container_closed
    container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit
    inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement
    no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved
    retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
    """,
    web="Disp-",
    starts=_CBV_WEB_STARTS,
    urn="disp:",
)

BUSINESS_TRANSACTION_TYPE = Vocabulary(
    "business transaction type",
    "业务交易类型",
    "bizTransaction-type",
    "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt",
    web="BTT-",
    starts=_CBV_WEB_STARTS,
    urn="btt:",
)

SOURCE_DESTINATION_TYPE = Vocabulary(
    "source or destination type",
    "来源或去向类型",
    "source-dest-type",
    "location owning_party possessing_party",
    web="SDT-",
    starts=_CBV_WEB_STARTS,
    urn="sdt:",
)

ERROR_REASON = Vocabulary(
    "error reason",
    "错误原因",
    "error-reason",
    "did_not_occur incorrect_data",
    web="ER-",
    starts=_CBV_WEB_STARTS,
    urn="er:",
)

COMPONENT = Vocabulary(
    "component",
    "分量",
    "component",
    """
    altitude axial_distance azimuth easting elevation_angle height latitude longitude northing
    polar_angle spherical_radius x y z
    """,
    web="Comp-",
    starts=_CBV_WEB_STARTS,
)

MEASUREMENT_TYPE = Vocabulary(
    "measurement type",
    "测量类型",
    "measurementType",
    """
    AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity
    Area Capacitance Conductance Conductivity Count Density Dimensionless DoseEquivalent
    DoseEquivalentRate DynamicViscosity ElectricCharge ElectricCurrent ElectricCurrentDensity
    ElectricFieldStrength Energy Exposure Force Frequency Illuminance Inductance Irradiance
    KinematicViscosity Length LinearMomentum Luminance LuminousFlux LuminousIntensity
    MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration
    MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass
    MolarVolume Power Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity
    Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension
    Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux
    Wavenumber
    """,
    web="",
    starts=_VOC_WEB_STARTS,
)

SENSOR_ALERT_TYPE = Vocabulary(
    "sensor alert type",
    "传感器报警类型",
    "sensorAlertType",
    "ALARM_CONDITION ERROR_CONDITION",
    web="",
    starts=_VOC_WEB_STARTS,
)

VOCABULARIES: tuple[Vocabulary, ...] = (
    BUSINESS_STEP,
    DISPOSITION,
    BUSINESS_TRANSACTION_TYPE,
    SOURCE_DESTINATION_TYPE,
    ERROR_REASON,
    COMPONENT,
    MEASUREMENT_TYPE,
    SENSOR_ALERT_TYPE,
)
