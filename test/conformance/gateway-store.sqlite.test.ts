import { join } from 'node:path'
import { gatewayStoreSuite } from './gateway-store/suite.ts'

gatewayStoreSuite({ name: 'sqlite', place: (directory) => Promise.resolve(`sqlite:${join(directory, 'gateway.db')}`) })
