// Where the page begins to live. Controllers are named in the markup; only the chat page has a line.
import { Archive } from "./controllers/archive.js";
import { Asking } from "./controllers/asking.js";
import { Bar } from "./controllers/bar.js";
import { Budget } from "./controllers/budget.js";
import { Comparing } from "./controllers/comparing.js";
import { Composer } from "./controllers/composer.js";
import { Detail } from "./controllers/detail.js";
import { Drag } from "./controllers/drag.js";
import { Dropping } from "./controllers/dropping.js";
import { Extract } from "./controllers/extract.js";
import { Eyes } from "./controllers/eyes.js";
import { Facts } from "./controllers/facts.js";
import { Feedback } from "./controllers/feedback.js";
import { Files } from "./controllers/files.js";
import { Find } from "./controllers/find.js";
import { Folders } from "./controllers/folders.js";
import { Herald } from "./controllers/herald.js";
import { Keeping } from "./controllers/keeping.js";
import { Linked } from "./controllers/linked.js";
import { Menu } from "./controllers/menu.js";
import { Meter } from "./controllers/meter.js";
import { MessageMenu } from "./controllers/message_menu.js";
import { OwnPictures } from "./controllers/own_pictures.js";
import { Palette } from "./controllers/palette.js";
import { Picker } from "./controllers/picker.js";
import { Prompts } from "./controllers/prompts.js";
import { QueueView } from "./controllers/queue.js";
import { Quoting } from "./controllers/quoting.js";
import { Rename } from "./controllers/rename.js";
import { Sheet } from "./controllers/sheet.js";
import { Shelf } from "./controllers/shelf.js";
import { Shortcuts } from "./controllers/shortcuts.js";
import { Site } from "./controllers/site.js";
import { Stopped } from "./controllers/stopped.js";
import { Summaries } from "./controllers/summaries.js";
import { Temporary } from "./controllers/temporary.js";
import { Theme } from "./controllers/theme.js";
import { Thread } from "./controllers/thread.js";
import { Toast } from "./controllers/toast.js";
import { Told } from "./controllers/told.js";
import { Tray } from "./controllers/tray.js";
import { tend } from "./lib/controllers.js";
import { install } from "./lib/worker.js";
import { pageData } from "./lib/templates.js";
import { Chat } from "./live/chat.js";
import { tellZone } from "./live/zone.js";

const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
const chat = new Chat(pageData("page"), `${scheme}//${window.location.host}/ws/v1/`);

const release = tend(
  document,
  {
    archive: Archive,
    asking: Asking,
    bar: Bar,
    budget: Budget,
    comparing: Comparing,
    composer: Composer,
    detail: Detail,
    drag: Drag,
    dropping: Dropping,
    extract: Extract,
    eyes: Eyes,
    facts: Facts,
    feedback: Feedback,
    files: Files,
    find: Find,
    folders: Folders,
    herald: Herald,
    keeping: Keeping,
    linked: Linked,
    menu: Menu,
    message: MessageMenu,
    meter: Meter,
    palette: Palette,
    picker: Picker,
    pictures: OwnPictures,
    prompts: Prompts,
    queue: QueueView,
    quoting: Quoting,
    rename: Rename,
    sheet: Sheet,
    shelf: Shelf,
    shortcuts: Shortcuts,
    site: Site,
    stopped: Stopped,
    summaries: Summaries,
    temporary: Temporary,
    theme: Theme,
    thread: Thread,
    toast: Toast,
    told: Told,
    tray: Tray,
  },
  chat,
);
chat.start();
install();
tellZone(chat.preferences);

// A page that comes back from the browser's cache is out of date: its line was cut. Load it anew.
window.addEventListener("pageshow", (event) => event.persisted && window.location.reload());
window.addEventListener("pagehide", (event) => {
  if (event.persisted) return chat.stop();
  release();
  chat.stop();
});
