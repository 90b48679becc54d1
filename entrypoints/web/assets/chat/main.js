import { byId } from "../shared/elements.js";
import { Chat } from "./chat.js";
import { joinFrame } from "./frame.js";
import { explained } from "./words.js";

const { handle, language } = document.body.dataset;
const chat = new Chat(handle, language || null);
joinFrame(chat.composer);
askBeforeErasing();
chat.open().catch((problem) => chat.notices.tell(explained(problem)));

/** The dialog stays until it is done: what is written meanwhile would be erased, too. */
function askBeforeErasing() {
  const dialog = byId("erase-dialog");
  const yes = byId("erase-yes");
  byId("erase").addEventListener("click", () => dialog.showModal());
  byId("erase-no").addEventListener("click", () => dialog.close());
  yes.addEventListener("click", async () => {
    yes.disabled = true;
    try {
      await chat.erase();
    } catch (problem) {
      chat.notices.tell(explained(problem));
    }
    yes.disabled = false;
    dialog.close();
    chat.composer.focus();
  });
}
