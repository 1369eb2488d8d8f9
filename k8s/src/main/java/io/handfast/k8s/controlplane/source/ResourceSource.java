package io.handfast.k8s.controlplane.source;

import io.handfast.xds.resource.InvalidConfigException;
import java.util.function.Consumer;

/** Where a control plane has its resources from. */
public interface ResourceSource extends AutoCloseable {

  /**
   * Reads everything, then goes on to tell of changes, on a thread of its own.
   *
   * @param changed told of every change of what can be used or of what cannot
   * @return what there is now
   * @throws InvalidConfigException if something cannot be used: there is nothing that it could have
   *     been before
   */
  Findings start(Consumer<Findings> changed) throws InvalidConfigException;

  /** Ends it; does not wait. */
  @Override
  void close();
}
