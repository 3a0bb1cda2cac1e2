"""Every sentence of the box page, Korean and English side by side; {names} are filled in and escaped."""

LANGUAGES = ("ko", "en")

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("{customer} 서버 상태", "{customer} server status"),
    "other-language": ("English", "한국어"),
    # One sentence of verdict; the first that applies is shown.
    "verdict-ok": (
        "모두 정상이니 평소처럼 일하시면 됩니다.",
        "Everything is fine, so carry on as usual.",
    ),
    "verdict-files-bad": (
        "공유 폴더가 열리지 않으니 바로 전화해 주십시오.",
        "The shared folders do not open, so please call us right away.",
    ),
    "verdict-disk-full": (
        "저장 공간이 다 찼으니 새 파일을 저장하기 전에 전화해 주십시오.",
        "The disk is full, so please call us before saving new files.",
    ),
    "verdict-internet-bad": (
        "인터넷이 끊겼지만 사무실 안의 공유 폴더는 그대로 쓰실 수 있습니다.",
        "The internet is down, but the shared folders in the office keep working.",
    ),
    "verdict-internet-only": (
        "인터넷이 끊겼으니 잠시 뒤에도 그대로면 전화해 주십시오.",
        "The internet is down; please call us if it does not come back soon.",
    ),
    "verdict-backup-bad": (
        "평소처럼 일하셔도 되지만, 백업에 문제가 있어 점검이 필요합니다.",
        "You can work as usual, but the backup has a problem and needs a check.",
    ),
    "verdict-vpn-bad": (
        "인터넷은 되지만 {msp}의 원격 관리 연결이 끊겨 있습니다.",
        "The internet works, but {msp}'s remote management is cut off.",
    ),
    "verdict-disk-low": (
        "저장 공간이 얼마 남지 않았으니 시간 나실 때 전화해 주십시오.",
        "The disk is getting full, so please call us when you have a moment.",
    ),
    "verdict-backup-waiting": (
        "준비를 모두 마쳤고, 이제 첫 백업을 기다리고 있습니다.",
        "Everything is ready; the first backup is still to come.",
    ),
    "verdict-backup-warn": (
        "평소처럼 일하셔도 되지만, 백업을 한 번 더 확인해야 합니다.",
        "You can work as usual, but the backup needs another look.",
    ),
    "verdict-unknown": (
        "지금은 상태를 확인하지 못하고 있으니, 불편한 점이 있으면 전화해 주십시오.",
        "The state is not known right now; if something does not work, please call us.",
    ),
    # The four lights.
    "light-internet": ("인터넷", "Internet"),
    "light-vpn": ("VPN (원격 관리)", "VPN (remote management)"),
    "light-files": ("공유 폴더", "Shared folders"),
    "light-backup": ("백업", "Backup"),
    "state-ok": ("정상", "Fine"),
    "state-warn": ("주의", "Attention"),
    "state-bad": ("문제", "Problem"),
    "state-unknown": ("확인 안 됨", "Not known"),
    # What a light says in words.
    "internet-ok": ("연결되어 있습니다.", "Connected."),
    "internet-bad": ("연결이 끊겼습니다.", "Not connected."),
    "vpn-ok": ("{msp}에서 원격으로 도와 드릴 수 있습니다.", "{msp} can help from afar."),
    "vpn-bad": ("원격 관리 연결이 끊겼습니다.", "Remote management is cut off."),
    "files-ok": ("쓰실 수 있습니다.", "Ready for use."),
    "files-bad": ("열리지 않습니다.", "They do not open."),
    "files-disk-full": ("저장 공간이 다 찼습니다.", "The disk is full."),
    "files-disk-low": ("저장 공간이 10%도 남지 않았습니다.", "Less than 10% of the disk is free."),
    "unknown": ("지금은 알 수 없습니다.", "Not known right now."),
    # Backup: what was done and when, then the proof.
    "backup-done-night": ("지난밤 백업을 마쳤습니다.", "Last night's backup is done."),
    "backup-done-today": ("오늘 백업을 마쳤습니다.", "Today's backup is done."),
    "backup-done-yesterday": ("어제 백업을 마쳤습니다.", "Yesterday's backup is done."),
    "backup-last": ("마지막으로 마친 백업은 {days}일 전입니다.", "The last complete backup was {days} days ago."),
    "backup-last-one": ("마지막으로 마친 백업은 어제입니다.", "The last complete backup was yesterday."),
    "backup-none": ("아직 끝난 백업이 없습니다.", "No backup has been completed yet."),
    "backup-waiting": ("첫 백업은 오늘 밤에 합니다.", "The first backup runs tonight."),
    "backup-failed": (
        "지난 백업이 끝까지 진행되지 않았습니다.",
        "The last backup did not finish.",
    ),
    "backup-missed": ("예정된 백업이 되지 않았습니다.", "A planned backup did not take place."),
    "backup-unproved": ("복원 시험에 실패했습니다.", "The trial restore failed."),
    "proof-today": ("오늘 실제로 복원해 보아 확인했습니다.", "Restored as proof today."),
    "proof-yesterday": ("어제 실제로 복원해 보아 확인했습니다.", "Restored as proof yesterday."),
    "proof-days": ("{days}일 전에 실제로 복원해 보아 확인했습니다.", "Restored as proof {days} days ago."),
    "proof-none": ("복원 시험은 아직 하지 않았습니다.", "Not yet restored as proof."),
    # How to get a file back.
    "undelete-heading": ("지운 파일을 되찾으려면", "To get a deleted file back"),
    "undelete-1": (
        "파일이 있던 공유 폴더에서 ‘{bin}’ 폴더를 여십시오. 지운 파일은 {recycle_days}일 동안 그 안에 있습니다.",
        "In the shared folder where the file was, open the folder ‘{bin}’ (recycle bin). "
        "Deleted files stay there for {recycle_days} days.",
    ),
    "undelete-2": (
        "찾으신 파일을 원래 있던 폴더로 옮기십시오.",
        "Move the file back to the folder where it was.",
    ),
    "undelete-3": (
        "거기에 없거나 고치기 전 내용이 필요하시면 전화해 주십시오. 백업에서 되찾아 드립니다.",
        "If it is not there, or you need an earlier version, call us. We bring it back from the backup.",
    ),
    "call": ("{msp}에 전화하기", "Call {msp}"),
    "checked": ("{time}에 확인했습니다. 1분마다 새로 고칩니다.", "Checked at {time}. Renewed every minute."),
    "checked-never": ("1분마다 새로 고칩니다.", "Renewed every minute."),
    "card-link": ("인쇄용 안내 카드", "Card to print"),
    "card-title": ("{customer} 서버 안내", "{customer} server guide"),
    "card-scan": (
        "휴대전화로 찍으시면 서버 상태와 지운 파일을 되찾는 방법이 나옵니다. 사무실 와이파이에 연결되어 있어야 합니다.",
        "Scan it with a phone on the office Wi-Fi to see the server's state and how to get deleted files back.",
    ),
    "card-type": ("주소를 직접 입력하셔도 됩니다.", "Or type the address."),
    "card-phone": ("문제가 있으면 전화해 주십시오.", "If something is wrong, call us."),
    "card-print": (
        "이 화면을 인쇄해서 잘 보이는 곳에 붙여 두십시오.",
        "Print this page and put it up where all can see it.",
    ),
    "card-back": ("상태 화면으로", "Back to the status"),
    "not-found": ("그런 화면은 없습니다.", "There is no such page."),
}


def text(key: str, language: str, **values: object) -> str:
    """The sentence in that language, not yet escaped."""
    return TEXTS[key][LANGUAGES.index(language)].format(**values)
