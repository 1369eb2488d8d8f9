package io.handfast.xds.tree;

import com.google.protobuf.Message;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Whether a resource can be used, as far as it can be told without those that it names. */
@FunctionalInterface
public interface ResourceCheck {

  /** All that is wrong with it, each with its path; empty if it can be used. Must not block. */
  List<ConfigError> check(ResourceType<?> type, Offered<? extends Message> resource);

  /**
   * The same beside others.
   *
   * @param others tells, for as long as this call lasts, of the others of its type the newest of
   *     each name: those that its update leaves as they are, and those that were taken of it before
   */
  default List<ConfigError> check(
      ResourceType<?> type,
      Offered<? extends Message> resource,
      Supplier<Stream<Offered<? extends Message>>> others) {
    return check(type, resource);
  }
}
