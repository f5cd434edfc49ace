// Where edits go in a page that `nolabel open` serves: each action is a request, and the page shows
// what the server answers. Actions wait for the ones before them. After a lost connection they wait
// until the person tries again.
"use strict";

class LostConnection extends Error {}

// The clusters are others than this page knew. `editor`: as they are now.
class ChangedElsewhere extends Error {
  constructor(editor) {
    super("The clusters were changed elsewhere.");
    this.editor = editor;
  }
}

// The answer to one request as a value. Throws LostConnection where there is no answer,
// ChangedElsewhere, and Error with the server's line where it refuses.
async function requested(method, url, token, body) {
  let response, answer;
  try {
    response = await fetch(url, {
      method, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body),
      headers: { "X-Nolabel-Token": token, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    });
  } catch {
    throw new LostConnection();
  }
  try {
    answer = await response.json();
  } catch {
    if (response.ok) throw new LostConnection(); // the answer broke off
  }
  if (response.status === 409) throw new ChangedElsewhere(answer);
  if (!response.ok) throw new Error(answer?.error ?? `nolabel answered with status ${response.status}.`);
  return answer;
}

function liveEdits(data, told) {
  const token = new URLSearchParams(location.search).get("token") ?? "";
  const waiting = []; // {document, refused} or {undo: true}, in order; the first is being sent
  const edits = { live: true, editor: data.editor, token, lost: false, waiting: () => waiting.length, canUndo, send, undo, retry, alike };
  let busy = false;

  function canUndo() {
    return edits.editor.can_undo;
  }

  // The revision makes it safe to send an action again that was done but not answered.
  const post = (action) => requested("POST", `api/${action.undo ? "undo" : "edits"}?revision=${edits.editor.revision}`, token,
    action.undo ? {} : action.document);

  // All that waits was meant for the clusters that the page has shown.
  function giveUp(editor) {
    edits.editor = editor;
    const given = waiting.splice(0);
    told(`The clusters were changed in another tab, so ${given.length === 1 ? "this edit was" : `these ${given.length} edits were`} not made. The page now shows the present clusters.`, true);
    for (const action of given) action.refused?.();
  }

  async function work() {
    if (busy) return;
    busy = true;
    while (waiting.length > 0 && !edits.lost) {
      const action = waiting[0];
      try {
        const text = action.undo ? "The latest edit is undone." : describeDocument(action.document, edits.editor.clusters) + ".";
        edits.editor = await post(action);
        waiting.shift();
        told(text);
      } catch (error) {
        if (error instanceof LostConnection) {
          edits.lost = true;
          told("The connection to nolabel is lost. This edit is not saved.", true);
        } else if (error instanceof ChangedElsewhere) giveUp(error.editor);
        else {
          waiting.shift();
          told(error.message, true);
          action.refused?.();
        }
      }
    }
    busy = false;
  }

  function add(action) {
    waiting.push(action);
    if (edits.lost) told("The connection to nolabel is lost. This edit waits for it.", true);
    else work();
  }

  function send(document, refused) {
    add({ document, refused });
  }

  function undo() {
    add({ undo: true });
  }

  function retry() {
    edits.lost = false;
    work();
  }

  // Indices of the images most alike, nearest first.
  async function alike(image, count) {
    return (await requested("GET", `api/alike?image=${image}&count=${count}`, token)).images;
  }

  return edits;
}
