"""Picks the code out of the text of an SMS."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_OTHER_WORDS: Final = 3
"""Words that may stand beside the only number of a text that does not say "code"."""
MAX_TEXT: Final = 1000
"""Characters of a text that are searched for a code."""

_MONEY: Final = (
    r"(?:[$€£¥₫₽₹₺₴₩฿₦₱৳]|R\$|Rp\b|RM\b|Rs\b|Ksh\b|INR|USD|EUR|GBP|VN[DĐ]|RUB|TRY|TL\b|PLN|zł|IDR|THB|BRL"
    r"|MXN|COP|SAR|AED|EGP|PKR|PHP|UAH|KZT|CHF|CZK|HUF|đ\b|đồng|dong\b|руб|р\.|грн|тенге|元|円|원"
    r"|บาท|ريال|جنيه)"
)
_GROUPED: Final = r"(?:\d{1,3}(?:[ .,']\d{3})+|\d+)(?:[.,]\d+)?"
_OTHER_CODES: Final = (
    r"\b(?:promo\w*|discount|coupon|voucher|gift|referral|invit\w+|zip|postal|area|country|qr|bar"
    r"|error|booking"
    r"|tracking|order|скидочн\w+)[ -]?(?:code|код)\w*|\bcode (?:postal|promo|barre|porte)\w*"
    r"|\bc[oó]digo (?:postal|promo|de (?:barras|desc))\w*|\bкод (?:домофон|товар|город|скид)\w*"
    r"|\bmã (?:giảm|đơn|vận|giao dịch|khách|số thuế)|\bma (?:giam|don|van|giao dich|khach)\b"
)
_NO_CODES: Final = (
    r"\d{9,}",
    r"@[\w.-]+\.\w+ +#\w+[^\n]*",  # the line for browsers that fill a code in; it repeats the code
    r"(?:https?://|www\.)[!-~]+|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/[!-~]*|[\w.+-]+@[\w-]+\.[\w.]+",
    r"(?<!\S)(?=[!-~]*[A-Za-z])[A-Za-z0-9+/]{11}\s*\Z",  # the hash for apps that read their SMS themselves
    r"(?:[*•…]|xx)[*•…x]{0,20} ?\d+|[#№] ?\d+",
    rf"{_MONEY}[.:]? ?{_GROUPED}|{_GROUPED} ?{_MONEY}",
    r"\d+[./-]\d+[./-]\d{4}(?!\d)",
    r"(?<!\d)(?:19|20)\d\d(?:[./-]\d{1,2}){2}|(?<!\d)\d{1,2}[./]\d{1,2}[./]\d\d(?!\d)",
    r"(?:19|20)\d\d ?[年년]",
    r"\d+[.,]\d+|\d{1,2}[:h]\d\d(?::\d\d)?",
    r"\+ ?\(?\d[\d ().-]{5,20}\d",
    r"(?=(?:\d[ ().-]{0,2}){9})\d{1,4}(?:[ ().-]{1,2}\d{2,4}){2,6}",  # a phone number in groups
    r"\d+ ?(?:%|[秒分]|(?:minut|min\b|phút|phut|giây|giay|мин|сек|час|hour|second|menit|dakika|saniye)\w*)",
    r"\b(?:text|send|sms|reply)\b[^.\n]{1,30} to \d{3,6}\b",
    rf"(?:{_OTHER_CODES})(?:[^\d\n]{{0,12}}\d+)?",
)
"""What is removed from a text first, in this order: links, sums, dates, phone numbers and the like."""
_REMOVED: Final = "\0"

_ADVERTISES: Final = re.compile(
    r"\bpromo|% ?off\b|\bcheckout\b|\bcoupon|\bdiscount|скидк|giảm giá"
    r"|\bgiam gia|rabatt|descuento|desconto|优惠",
    re.IGNORECASE,
)
_CODE_WORDS: Final = (
    r"\b\w*codes?\b|\botp\b|\botc\b|one[- ]time (?:pass|pin)\w*|\bto verify\b|\bpasswor[dt]\w*"
    r"|\beinmal\w*|\b(?:m|sms)?tan\b"
    r"|\bc[oó]digos?\b|\bclave\b|\bcontraseña\b|\bcodice\b|\bmot de passe\b|\bcod(?:ul)?\b"
    r"|\bk[oó]d\w*|\bkood\w*"
    r"|\bşifre\w*|\bsifre\w*|\bmã\b|\bma (?:xac|otp|dang|kich|bao|cua|vao)\b|\bmat khau\b|mật khẩu"
    r"|\bкод\w*|\bпарол\w*|κωδικ\w*|קוד|رمز|كود|کد|कोड|ओटीपी|কোড|ওটিপি|รหัส|โค้ด"
    r"|验证码|驗證碼|校验码|校驗碼|检验码|确认码|確認碼|认证码|認證碼|动态码|动态密码|動態密碼"
    r"|登录码|安全码|口令|密码|密碼"
    r"|コード|認証番号|確認番号|暗証番号|パスワード|인증 ?번호|확인 ?번호|코드|비밀번호"
)
_PIN_WORDS: Final = r"\bpin\b|\bsenha\b|пин"
_BEFORE_OTHER_NUMBERS: Final = (
    r"(?:\b(?:order|invoice|ref|reference|ticket|booking|account|acct|a/c|card|ending|ends"
    r"|transaction|txn|call"
    r"|tel|phone|dial|hotline|id|case|room|flight|customer|tracking|session|text|send|reply|stop|help|pedido"
    r"|orden|tarjeta|cartao|cartão|final|terminada|ligue|llame|conta|cuenta|fatura|commande|carte|appelez"
    r"|bestellung|sendung|kundennummer|vorgang|auftrag|anruf|konto|sipariş\w*|kart\w*|hesap|pesanan"
    r"|resi|hubungi"
    r"|rekening|akun|nomor|don hang|tai khoan|goi|so the|lh|заказ\w*|карт\w+|счет\w*|счёт\w*|звоните"
    r"|позвоните"
    r"|тел|договор\w*|номер\w*)\b|đơn hàng|tài khoản|gọi|tổng đài|liên hệ|订单\w?|單號|单号|尾号"
    r"|尾號|致电|致電|电话|電話|客服"
    r"|热线|注文番号|주문번호|طلب\w*|رقم|بطاقة|حساب|ऑर्डर|कॉल|खाते)"
    r"[\s:.()-]*(?:(?:no|nr|num|number|n°|id|is|in|to|us|on|at|so|số|номер|رقم|मर|नंबर)\b[\s:.()-]*){0,2}\Z"
)
_IS: Final = r"(?:(?:is|are|es|é|e|est|ist|lautet|adalah|là|la|hai|है|هو|هي|是|为|為|は)(?!\w)|[-–—])"
_DIRECTLY: Final = rf"[\s\"'«(\[]*{_IS}?[\s:：=\"'«(\[]*\Z"
_DIGITS: Final = re.compile(
    r"(?<![A-Za-z0-9_])(?:(?:G|FB)-|(?<![A-Za-z0-9]-))"
    r"(\d{3}[ -]\d{3}|\d{4}[ -]\d{4}|\d\d[ -]\d\d[ -]\d\d|\d{4,8})(?![A-Za-zÀ-ỹА-яёЁ0-9_/]|-\d)"
)
_SPELLED: Final = (
    r"(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9]{4,10}(?![\w-])"
    r"|(?=[A-Z0-9-]*\d)(?=[\d-]*[A-Z])[A-Z0-9]{3,5}-[A-Z0-9]{3,5}(?![\w-])"
)
_CALLED_CODE: Final = re.compile(
    rf"(?i:{_CODE_WORDS})[^\d\0]{{0,60}}?"
    r"(?:\b(?:is|es|é|est|ist|lautet|adalah|là|la)\b|[是为為:：=])[\s:：\"'«]*"
    rf"(?P<code>{_SPELLED}|[B-DF-HJ-NP-TV-Z]{{5,8}}(?!\w))"
    rf"|\A\W*(?P<first>{_SPELLED}) (?:is|es|é|est|ist|là|la|-|–|—) "
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_CLAUSE_END: Final = re.compile(r"[.!?;](?=\s|\Z)|[。！？；।\n]")


@dataclass(frozen=True, slots=True)
class _Number:
    """A number in a text that may be the code.

    Attributes:
        is_named: its clause calls it the code, as in "the code is 1234" and "1234 is your code".
        before: the part of its clause before it.
        after: the part of its clause after it.
    """

    value: str
    is_named: bool
    before: str
    after: str

    @property
    def has_neighbour(self) -> bool:
        """Whether another number stands beside it, as in "1234 or 5678"."""
        near = re.compile(r"(?:\A\W*(?:\w{1,5}\W+)?\d{4})|(?:\d{4}\W*(?:\w{1,5}\W+)?\Z)")
        return bool(near.match(self.after) or near.search(self.before))


def picked_code(text: str) -> str | None:
    """Return the code in the text of an SMS as people type it, or None if it is not clear which part it is.

    A code of digits loses its separator and a prefix that is not typed: `123-456` is `123456`, `G-914075` is
    `914075`. Forms that show a separator put it in by themselves, and the others refuse it.
    """
    if _ADVERTISES.search(text):
        return None
    plain = _without_other_numbers(_normalized(text[:MAX_TEXT]))
    clauses = [clause for clause in _CLAUSE_END.split(plain) if clause.strip()]
    says_code = re.search(_CODE_WORDS, plain, re.IGNORECASE) is not None
    words = _CODE_WORDS if says_code else _PIN_WORDS
    numbers = [number for clause in clauses for number in _numbers(clause, words)]
    named = [
        number
        for number in numbers
        if number.is_named or re.search(words, f"{number.before} {number.after}", re.IGNORECASE)
    ]
    spelled = {found for clause in clauses for found in _spelled(clause, shouts=plain.isupper())}
    if not says_code and len({number.value for number in numbers}) > 1:
        return None
    values = {number.value for number in named}
    if spelled and says_code:
        return spelled.pop() if len(spelled) == 1 and not values else None
    if len(values) > 1:
        values = {number.value for number in named if number.is_named and not number.has_neighbour}
        return values.pop() if len(values) == 1 else None
    values = values or {number.value for number in numbers}
    if len(values) != 1:
        return None
    is_short = len(re.findall(r"[^\W\d_]+", plain)) <= MAX_OTHER_WORDS
    return values.pop() if named or says_code or is_short else None


def _normalized(text: str) -> str:
    """Return a text with ASCII digits, plain spaces and no invisible characters."""
    return "".join(
        " " if unicodedata.category(character) == "Zs" else str(unicodedata.decimal(character, character))
        for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) != "Cf"
    )


def _without_other_numbers(text: str) -> str:
    for pattern in _NO_CODES:
        text = re.sub(pattern, _REMOVED, text, flags=re.IGNORECASE)
    return text


def _numbers(clause: str, words: str) -> list[_Number]:
    """Return the numbers of a clause that may be the code."""
    found = []
    for match in _DIGITS.finditer(clause):
        before, after = clause[: match.start()], clause[match.end() :]
        is_named = (
            re.search(f"(?:{words}){_DIRECTLY}", before, re.IGNORECASE)
            or re.match(rf"[\s\"'»)\]]*{_IS}[^\d\0]{{0,40}}?(?:{words})", after, re.IGNORECASE)
        ) is not None
        other = re.search(_BEFORE_OTHER_NUMBERS, before, re.IGNORECASE) or (
            words is _CODE_WORDS and re.search(rf"(?:{_PIN_WORDS}){_DIRECTLY}", before, re.IGNORECASE)
        )
        value = re.sub("[ -]", "", match[1])
        if not other and (is_named or not _YEAR.fullmatch(value)):
            found.append(_Number(value, is_named, before, after))
    return found


def _spelled(clause: str, *, shouts: bool) -> list[str]:
    """Return the codes with letters of a clause: those that it calls a code."""
    if not re.search(_CODE_WORDS, clause, re.IGNORECASE):
        return []
    found = [match["code"] or match["first"] for match in _CALLED_CODE.finditer(clause)]
    return [code for code in found if not (shouts and code.isalpha())]
