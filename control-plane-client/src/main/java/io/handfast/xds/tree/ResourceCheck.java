package io.handfast.xds.tree;

import com.google.protobuf.Message;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import java.util.List;

/** Whether a resource can be used, as far as it can be told without those that it names. */
@FunctionalInterface
public interface ResourceCheck {

  /** All that is wrong with it, each with its path; empty if it can be used. Must not block. */
  List<ConfigError> check(ResourceType<?> type, Offered<? extends Message> resource);
}
