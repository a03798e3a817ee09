import { NOTHING, type Row, WRONG_KIND } from './matrix-row.ts'

/** Methods about the relationships of a path. */
export const PERMISSION_ROWS: Readonly<Record<string, Row>> = {
  rebac_create: {
    params: (path) => ({ subject: ['user', 'guest'], relation: 'direct_viewer', object: ['file', path] }),
    needs: 'own',
    allowed: [0, 0, 0],
    changes: true,
  },
  rebac_check: {
    params: (path) => ({ subject: ['user', 'somebody'], permission: 'read', object: ['file', path] }),
    needs: 'own',
    allowed: [false, false, false],
    seen: (result: boolean) => result,
  },
  rebac_list_tuples: {
    params: (path) => ({ object: ['file', path] }),
    needs: 'own',
    allowed: [0, 0, 0],
    denied: [0, 0, 0],
    seen: (tuples: unknown[]) => tuples.length,
  },
  rebac_check_batch: {
    params: (path) => ({ checks: [[['user', 'somebody'], 'read', ['file', path]]] }),
    needs: 'own',
    allowed: [false, false, false],
    seen: ([first]: boolean[]) => first,
  },
  rebac_expand: {
    params: (path) => ({ permission: 'execute', object: ['file', path] }),
    needs: 'own',
    allowed: [0, 0, 0],
  },
  rebac_expand_with_privacy: {
    params: (path) => ({ permission: 'execute', object: ['file', path] }),
    needs: 'read',
    allowed: [0, 0, 0],
  },
  rebac_explain: {
    params: (path) => ({ subject: ['user', 'somebody'], permission: 'read', object: ['file', path] }),
    needs: 'own',
    allowed: [false, false, false],
    seen: ({ result }: { result: boolean }) => result,
  },
  get_dynamic_viewer_config: {
    params: (path) => ({ subject: ['user', 'somebody'], file_path: path }),
    needs: 'own',
    allowed: [null, null, null],
    seen: (result: unknown) => result,
  },
  read_with_dynamic_viewer: {
    params: (path) => ({ subject: ['user', 'ed'], file_path: path }),
    needs: 'own',
    allowed: [0, WRONG_KIND, NOTHING],
    // About himself.
    toEditors: [0, WRONG_KIND, NOTHING],
  },
  share_with_user: {
    params: (path) => ({ resource: ['file', path], user_id: 'guest' }),
    needs: 'own',
    allowed: [0, 0, 0],
    changes: true,
  },
  share_with_group: {
    params: (path) => ({ resource: ['file', path], group_id: 'guests' }),
    needs: 'own',
    allowed: [0, 0, 0],
    changes: true,
  },
  revoke_share: {
    params: (path) => ({ resource: ['file', path], user_id: 'guest' }),
    needs: 'own',
    allowed: [false, false, false],
    seen: (result: boolean) => result,
  },
  list_outgoing_shares: {
    params: (path) => ({ resource: ['file', path] }),
    needs: 'own',
    allowed: [0, 0, 0],
    denied: [0, 0, 0],
    seen: (shares: unknown[]) => shares.length,
  },
  make_public: {
    params: (path) => ({ resource: ['file', path] }),
    needs: 'own',
    allowed: [0, 0, 0],
    changes: true,
  },
  make_private: {
    params: (path) => ({ resource: ['file', path] }),
    needs: 'own',
    allowed: [false, false, false],
    seen: (result: boolean) => result,
  },
  create_share_link: { params: (path) => ({ path }), needs: 'own', allowed: [0, WRONG_KIND, NOTHING], changes: true },
  list_share_links: {
    params: (path) => ({ path }),
    needs: 'own',
    allowed: [0, 0, 0],
    denied: [0, 0, 0],
    seen: (links: unknown[]) => links.length,
  },
}
