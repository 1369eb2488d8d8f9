package io.handfast.proxy.transaction;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The sidecars of one test, which know each other. */
final class Rigs implements AutoCloseable {
  final Neighbours peers = new Neighbours();
  private final List<SidecarRig> open = new ArrayList<>();

  /** Another one, whose store is in that directory. */
  SidecarRig open(String name, Path directory, SidecarRig.Service service) throws Exception {
    SidecarRig rig = new SidecarRig(name, directory, peers, service);
    open.add(rig);
    return rig;
  }

  /** In the order in which they were opened. */
  SidecarRig get(int index) {
    return open.get(index);
  }

  @Override
  public void close() {
    open.forEach(SidecarRig::close);
  }
}
