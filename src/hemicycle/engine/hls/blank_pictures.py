"""An empty picture in the parameter sets of an existing track: it replaces removed stretches.

An encoder would bring its own parameter sets, and with them another init segment in the middle of a
recording, which the file for download could not follow. So one grey keyframe is written by hand
(ITU-T H.264 §7.3): each macroblock is predicted from its neighbours without a residual, which takes
one byte.
"""

from dataclasses import dataclass
from struct import pack, unpack_from

_BASELINE, _MAIN, _EXTENDED = 66, 77, 88
_HIGH = frozenset({100, 110, 122, 244})
_GREY_MACROBLOCK = "00100111"
"""I_16x16 by DC prediction, no residual (mb_type 3), chroma by DC, unchanged quantization."""


class UnknownCoding(ValueError):
    """Raised if no empty picture is known for the coding of a track."""


class _Bits:
    """A reader of a NAL unit's fields (§7.2, §9.1)."""

    def __init__(self, unit: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in unit.replace(b"\x00\x00\x03", b"\x00\x00"))
        self._at = 8  # after the NAL unit's header byte

    def u(self, count: int = 1) -> int:
        """Return the next `count` bits as an unsigned number."""
        read = self._bits[self._at : self._at + count]
        self._at += count
        if len(read) < count:
            raise UnknownCoding("A parameter set is cut short.")
        return int(read, 2) if read else 0

    def ue(self) -> int:
        """Return the next unsigned Exp-Golomb code."""
        zeros = 0
        while not self.u():
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)


@dataclass(frozen=True, slots=True)
class _Sequence:
    frame_number_bits: int
    order_type: int
    order_bits: int
    order_is_zero: bool
    macroblocks: int


def _sequence(unit: bytes) -> _Sequence:
    bits = _Bits(unit)
    profile = bits.u(8)
    bits.u(16)
    bits.ue()
    if profile in _HIGH:
        if bits.ue() != 1 or bits.ue() or bits.ue() or bits.u() or bits.u():
            raise UnknownCoding("Only 8 bits in 4:2:0 without scaling are known.")
    elif profile not in {_BASELINE, _MAIN, _EXTENDED}:
        raise UnknownCoding(f"Profile {profile} is unknown.")
    frame_number_bits = bits.ue() + 4
    order_type, order_bits, order_is_zero = bits.ue(), 0, False
    if order_type == 0:
        order_bits = bits.ue() + 4
    elif order_type == 1:
        order_is_zero = bool(bits.u())
        bits.ue(), bits.ue()
        for _ in range(bits.ue()):
            bits.ue()
    bits.ue()
    bits.u()
    width, height = bits.ue() + 1, bits.ue() + 1
    if not bits.u():
        raise UnknownCoding("Interlaced pictures are unknown.")
    return _Sequence(frame_number_bits, order_type, order_bits, order_is_zero, width * height)


@dataclass(frozen=True, slots=True)
class _Picture:
    id: int
    order_is_said: bool
    has_filter: bool
    has_redundant: bool


def _picture(unit: bytes) -> _Picture:
    bits = _Bits(unit)
    id, _sequence_id = bits.ue(), bits.ue()
    if bits.u():
        raise UnknownCoding("Arithmetic coding (CABAC) is unknown.")
    order_is_said = bool(bits.u())
    if bits.ue():
        raise UnknownCoding("Groups of slices are unknown.")
    bits.ue(), bits.ue()
    bits.u(3)
    bits.ue(), bits.ue(), bits.ue()
    has_filter, _constrained, has_redundant = bits.u(), bits.u(), bits.u()
    return _Picture(id, order_is_said, bool(has_filter), bool(has_redundant))


def grey_keyframes(init: bytes) -> tuple[bytes, bytes]:
    """Return two keyframes for an init segment, as MP4 stores them, that may follow each other.

    Raises `UnknownCoding`.
    """
    sequence_set, picture_set = _parameter_sets(init)
    sequence, picture = _sequence(sequence_set), _picture(picture_set)
    first, second = (_keyframe(sequence, picture, number) for number in (0, 1))
    return first, second


def _parameter_sets(init: bytes) -> tuple[bytes, bytes]:
    """Return the first sequence and picture parameter sets of an `avcC` (ISO/IEC 14496-15
    §5.3.3.1).
    """
    at = init.find(b"avcC") + 4
    if at < 4 or len(init) < at + 8:
        raise UnknownCoding("The picture is not H.264.")
    size = unpack_from(">H", init, at + 6)[0]
    sequence = init[at + 8 : at + 8 + size]
    at += 8 + size + 1
    size = unpack_from(">H", init, at)[0]
    return sequence, init[at + 2 : at + 2 + size]


def _keyframe(sequence: _Sequence, picture: _Picture, number: int) -> bytes:
    bits = _ue(0) + _ue(7) + _ue(picture.id) + "0" * sequence.frame_number_bits + _ue(number)
    if sequence.order_type == 0:
        bits += "0" * sequence.order_bits + ("1" if picture.order_is_said else "")
    elif sequence.order_type == 1 and not sequence.order_is_zero:
        bits += "1" + ("1" if picture.order_is_said else "")
    bits += "1" if picture.has_redundant else ""
    bits += "00"  # output earlier pictures as usual; this one is not a long-term reference
    bits += "1"  # unchanged quantization
    bits += _ue(1) if picture.has_filter else ""
    bits += _GREY_MACROBLOCK * sequence.macroblocks
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    content = int(bits, 2).to_bytes(len(bits) // 8)
    unit = b"\x65" + _escaped(content)
    return pack(">I", len(unit)) + unit


def _ue(value: int) -> str:
    code = f"{value + 1:b}"
    return "0" * (len(code) - 1) + code


def _escaped(content: bytes) -> bytes:
    """Escape what looks like the start of another NAL unit (§7.4.1.1)."""
    made, zeros = bytearray(), 0
    for byte in content:
        if zeros == 2 and byte <= 3:
            made.append(3)
            zeros = 0
        made.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(made)
