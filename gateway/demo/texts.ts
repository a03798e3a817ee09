/** Texts of the demo, by path below the administrator's home. */
export const adminTexts: Readonly<Record<string, string>> = {
  'workspace/ws_my_workspace/README.md': `# My workspace

A place for work in progress. Everything here is an ordinary file: read and write it through the API, share the whole
folder with one relationship, and look at who may see it with \`rebac_list_tuples\`.

Alice may edit here; try the same call with her key and with the administrator's.
`,
  'workspace/ws_my_workspace/todo.md': `# To do

- [ ] Share the quarterly report with the engineers
- [ ] Let the untrusted agent read one more skill, and see what its lists show then
- [x] Set up the workspace
`,
  'resource/style-guide.md': `# Style guide

Short sentences. One idea in a paragraph. Say what it is before you say how it works.
`,
  'memory/preferences.md': `# Preferences

- Reports are PDF, drafts are Markdown.
- Numbers in tables are aligned to the right.
`,
}

/** Texts of the demo outside homes, by path. */
export const sharedTexts: Readonly<Record<string, string>> = {
  '/resource/res_default_template/template.md': `# {{title}}

Date: {{date}}
Author: {{author}}

## Summary

## Details

## Next steps
`,
  '/skill/skill_summarize/skill.py': `"""Summarises a text by keeping the sentences whose words occur most often."""

import re
from collections import Counter


def summarize(text: str, sentences: int = 3) -> str:
    parts = re.split(r"(?<=[.!?])\\s+", text.strip())
    words = Counter(word for word in re.findall(r"\\w+", text.lower()) if len(word) > 3)

    def weight(sentence: str) -> float:
        found = re.findall(r"\\w+", sentence.lower())
        return sum(words[word] for word in found) / (len(found) or 1)

    chosen = sorted(sorted(parts, key=weight, reverse=True)[:sentences], key=parts.index)
    return " ".join(chosen)
`,
  '/tenant:default/resource/res_company_logo/logo.svg': `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="Nexus">
  <circle cx="32" cy="32" r="30" fill="#1f3a5f"/>
  <path d="M20 46V18l24 28V18" fill="none" stroke="#ffffff" stroke-width="5" stroke-linejoin="round"/>
</svg>
`,
  '/tenant:default/resource/res_company_handbook/handbook.md': `# Handbook

What everybody in the company may read. The engineers do, through their group.
`,
}

/** Texts of the demo, by path below Alice's home. */
export const aliceTexts: Readonly<Record<string, string>> = {
  'workspace/journal.md': `# Journal

Monday: read the pdf skill that was shared with me.
Tuesday: wrote one of my own for meeting notes.
`,
  'workspace/ideas/onboarding.md': `# Onboarding

A new colleague should find three things on the first day: the handbook, a workspace, somebody to ask.
`,
  'workspace/ideas/release-checklist.md': `# Release checklist

1. Tests are green on both databases.
2. The changelog says what changes for users.
3. Somebody else has read it.
`,
  'skill/meeting-notes/SKILL.md': `---
name: meeting-notes
description: Turns a rough transcript or bullet points into meeting notes with decisions, owners and dates. Use it when somebody asks for minutes, a summary of a meeting, or a list of action items.
metadata:
  version: "1.0"
  author: alice
---

# Meeting notes

1. Read the whole transcript before writing anything.
2. Write three sections: *Decisions*, *Action items*, *Open questions*. Leave a section out if it is empty.
3. An action item has an owner and a date. If one of them was not said, write "owner?" or "date?" instead of guessing.
4. Keep the wording of decisions as close to what was said as possible; everything else may be shortened.
5. Use the layout of [references/template.md](references/template.md).
`,
  'skill/meeting-notes/references/template.md': `# Meeting of {{date}}

Present: {{people}}

## Decisions

## Action items

| what | who | until |
|------|-----|-------|

## Open questions
`,
}
