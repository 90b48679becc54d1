import { byId } from "../shared/elements.js";
import { Chat } from "./chat.js";
import { joinFrame } from "./frame.js";
import { explained } from "./words.js";

const { handle, language } = document.body.dataset;
const chat = new Chat(handle, language || null);
joinFrame(chat.composer);
askBeforeErasing();
chat.open().catch((problem) => chat.notices.tell(explained(problem)));

function askBeforeErasing() {
  const dialog = byId("erase-dialog");
  byId("erase").addEventListener("click", () => dialog.showModal());
  byId("erase-no").addEventListener("click", () => dialog.close());
  byId("erase-yes").addEventListener("click", async () => {
    dialog.close();
    await chat.erase().catch((problem) => chat.notices.tell(explained(problem)));
  });
}
