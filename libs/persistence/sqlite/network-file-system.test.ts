import { networkFileSystem } from './network-file-system.js';

describe('networkFileSystem (T-40)', () => {
  it.each([
    ['NFS', 0x6969],
    ['SMB', 0x517b],
    ['CIFS', 0xff534d42],
    ['CIFS', -0xacb2be], // the same, where the kernel's word is signed
    ['SMB2', 0xfe534d42],
    ['9P', 0x01021997],
    ['Ceph', 0x00c36400],
    ['Lustre', 0x0bd00bd0],
  ])('knows %s', (name, type) => {
    expect(networkFileSystem(type)).toBe(name);
  });

  it.each([
    ['ext4', 0xef53],
    ['XFS', 0x58465342],
    ['btrfs', 0x9123683e],
    ['ZFS', 0x2fc12fc1],
    ['overlay', 0x794c7630],
    ['tmpfs', 0x01021994],
    ['FUSE', 0x65735546],
    ['no Linux', 0],
  ])('leaves %s alone', (_name, type) => {
    expect(networkFileSystem(type)).toBeUndefined();
  });
});
