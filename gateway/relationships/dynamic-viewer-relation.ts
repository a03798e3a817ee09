/** Gives a view of a table's columns, and no other right on the file. */
export const DYNAMIC_VIEWER = 'dynamic_viewer'
