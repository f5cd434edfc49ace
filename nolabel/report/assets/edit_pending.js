// Where edits go in a page without a server: they wait in the page, and in the browser's storage,
// until the person downloads them as one edits.json. An object of edits, here and in edit_live.js:
//   editor          the clusters as the page shows them
//   send(document, refused)  one action of the person; refused() is called when it cannot be done
//   undo()          takes back the latest action
//   canUndo()
"use strict";

const STORED_EDITS = "nolabel-edits-";

// Of a text: 53 bits, enough to tell the runs of one person apart (cyrb53's construction).
function hashOf(text) {
  let high = 0xdeadbeef, low = 0x41c6ce57;
  for (let i = 0; i < text.length; ++i) {
    const code = text.charCodeAt(i);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}

// The browser's storage of one key. A browser can refuse it, for example to files.
function keptDocuments(key) {
  return {
    read() {
      try {
        const documents = JSON.parse(localStorage.getItem(key) ?? "[]");
        return Array.isArray(documents) ? documents : [];
      } catch {
        return [];
      }
    },
    // Whether the documents outlive the page.
    write(documents) {
      try {
        if (documents.length === 0) localStorage.removeItem(key);
        else localStorage.setItem(key, JSON.stringify(documents));
        return true;
      } catch {
        return false;
      }
    },
  };
}

function pendingEdits(data, told) {
  const base = data.editor, index = indexOfPaths(base);
  const { path, cluster, status } = base.images;
  const key = STORED_EDITS + hashOf(JSON.stringify([data.title, base.clusters, path, cluster, status, base.edits]));
  const kept = keptDocuments(key);
  const edits = { live: false, documents: [], safe: true, lines: [], editor: base, now: null, canUndo, send, undo, discard, folded };

  function add(document) {
    edits.lines.push(describeDocument(document, [...edits.now.clusters.values()]));
    edits.documents.push(document);
    applyDocument(edits.now, document, index);
  }

  // From the beginning: taking back the latest is to replay without it.
  function begin(documents) {
    Object.assign(edits, { documents: [], lines: [], now: beginReplay(base) });
    documents.forEach(add);
    edits.editor = editorAfter(base, edits.now);
  }

  function canUndo() {
    return edits.documents.length > 0;
  }

  function keep(text) {
    edits.safe = kept.write(edits.documents);
    told(text);
  }

  function send(document, refused) {
    const refusal = refusalOf(edits.now, document);
    if (refusal) {
      told(refusal, true);
      refused?.();
      return;
    }
    add(document);
    edits.editor = editorAfter(base, edits.now);
    keep(`${edits.lines.at(-1)}.`);
  }

  function undo() {
    if (!canUndo()) return;
    const text = edits.lines.at(-1);
    begin(edits.documents.slice(0, -1));
    keep(`Undone: ${text}.`);
  }

  function discard() {
    begin([]);
    keep("The pending edits are discarded.");
  }

  function folded() {
    return foldedEdits(base, edits.documents);
  }

  try {
    begin(kept.read());
  } catch {
    begin([]); // what was kept is not of this version of the page
  }
  return edits;
}
