"""What a person types into a chat client: a message to the room, or a command that begins with a slash.

What each command does is said in English here; an interface says it in its user's language (`chatcore.text.telling`).
"""

from chatcore.text.slash.asked import AnswerFile as AnswerFile
from chatcore.text.slash.asked import ChangeLast as ChangeLast
from chatcore.text.slash.asked import Help as Help
from chatcore.text.slash.asked import Parsed as Parsed
from chatcore.text.slash.asked import ReactToLast as ReactToLast
from chatcore.text.slash.asked import ReplyToLast as ReplyToLast
from chatcore.text.slash.asked import SendPath as SendPath
from chatcore.text.slash.asked import ShowLink as ShowLink
from chatcore.text.slash.completing import Completions as Completions
from chatcore.text.slash.completing import complete as complete
from chatcore.text.slash.lines import one_by_one as one_by_one
from chatcore.text.slash.parsing import HISTORY_LINES as HISTORY_LINES
from chatcore.text.slash.parsing import is_secret as is_secret
from chatcore.text.slash.parsing import parse as parse
from chatcore.text.slash.parsing import without_secrets as without_secrets
from chatcore.text.slash.spans import seconds_of as seconds_of
from chatcore.text.slash.table import ANYTHING_ELSE as ANYTHING_ELSE
from chatcore.text.slash.table import NOT_UNDERSTOOD as NOT_UNDERSTOOD
from chatcore.text.slash.table import SLASHES as SLASHES
from chatcore.text.slash.table import NotUnderstood as NotUnderstood
from chatcore.text.slash.table import Slash as Slash
from chatcore.text.slash.table import SlashName as SlashName
