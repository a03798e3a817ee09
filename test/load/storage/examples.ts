/** Ids as a file system has them: the same relationships for the service and for what it is compared with. */
export function exampleFile(index: number): string {
  return `/home/user${index % 5_000}/notes/document-${index}.md`
}

export function exampleUser(index: number): string {
  return `user${(index * 7) % 50_000}`
}
