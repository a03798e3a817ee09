import type { PermissionService } from '../../gateway/permissions/rebac-permissions.ts'

/** Does something before each question to the permission service, which fails with it. */
export function beforeChecks(act: () => Promise<void>): (inner: PermissionService) => PermissionService {
  return (inner) =>
    new Proxy(inner, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return async (...given: unknown[]): Promise<unknown> => {
          if (name === 'check') await act()
          return (await Reflect.apply(member, target, given)) as unknown
        }
      },
    })
}
