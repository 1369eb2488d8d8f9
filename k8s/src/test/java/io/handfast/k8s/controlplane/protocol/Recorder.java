package io.handfast.k8s.controlplane.protocol;

import com.google.rpc.Status;
import io.handfast.xds.resource.ResourceType;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a stream tells. */
final class Recorder<R> implements DiscoveryStream.Events<R> {
  final List<R> sent = new ArrayList<>();
  final List<String> told = new ArrayList<>();

  /** What was sent since this was asked last. */
  List<R> take() {
    List<R> taken = List.copyOf(sent);
    sent.clear();
    return taken;
  }

  /** The one that was sent since. */
  R takeOne() {
    List<R> taken = take();
    if (taken.size() != 1) {
      throw new AssertionError("sent: " + taken + " (expected: one response)");
    }
    return taken.getFirst();
  }

  @Override
  public void send(ResourceType<?> type, R response) {
    sent.add(response);
  }

  @Override
  public void acknowledged(ResourceType<?> type) {
    told.add("ack " + type);
  }

  @Override
  public void refused(ResourceType<?> type, String node, Status reason) {
    told.add("nack " + type + " " + node + ": " + reason.getMessage());
  }

  @Override
  public void unknownType(String node, String typeUrl) {
    told.add("unknown " + typeUrl);
  }
}
