package io.handfast.xds.stream;

import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Keeps what comes, and refuses what the test says. */
final class RecordingHandler implements ResourceHandler {

  final Map<String, String> versions = new ConcurrentHashMap<>();
  final List<Update> updates = new CopyOnWriteArrayList<>();
  final List<Effect.Lost> lost = new CopyOnWriteArrayList<>();
  final List<Effect.Failed> failed = new CopyOnWriteArrayList<>();
  final List<String> changes = new CopyOnWriteArrayList<>();
  Function<Received, List<ResourceFault>> check = received -> List.of();

  @Override
  public CompletionStage<List<ResourceFault>> apply(Update update) {
    updates.add(update);
    List<ResourceFault> faults = new ArrayList<>();
    for (Received each : update.changed()) {
      List<ResourceFault> found = check.apply(each);
      faults.addAll(found);
      if (found.isEmpty()) {
        versions.put(key(update, each.name()), each.version());
      }
    }
    update.removed().forEach(name -> versions.remove(key(update, name)));
    return CompletableFuture.completedFuture(faults);
  }

  private static String key(Update update, String name) {
    return new ResourceName(update.type(), name).toString();
  }

  @Override
  public void lost(Effect.Lost each) {
    lost.add(each);
  }

  @Override
  public void failed(Effect.Failed each) {
    failed.add(each);
  }

  @Override
  public void serverChanged() {
    changes.add("server changed");
  }
}
