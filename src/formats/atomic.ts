export { sha256, sha256File } from '../files/digest.js';
export { isTemporary, removeTemporaries, removeTemporariesOf, temporaryName } from '../files/temporary.js';
export { fillFileAtomic, renameDurably, writeFileAtomic } from '../files/write.js';
