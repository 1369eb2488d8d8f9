package io.handfast.xds.protocol;

import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The timers of names: absent timers (R1) and TTLs (X1). Confined to its machine. */
final class Timers {

  private final Consumer<Effect> out;

  Timers(Consumer<Effect> out) {
    this.out = out;
  }

  /** Those names were asked for just now. */
  void await(TypeState type, Set<String> names) {
    if (type.fetchTimeout.isZero()) {
      return;
    }
    for (String name : names) {
      type.awaited.add(name);
      out.accept(new Effect.StartTimer(new TimerKey.Absent(type.url(), name), type.fetchTimeout));
    }
  }

  /** Whatever has come of that name, it is waited for no longer. */
  void arrived(TypeState type, String name) {
    if (type.awaited.isEmpty()) {
      return;
    }
    if (type.awaited.remove(name)) {
      cancel(new TimerKey.Absent(type.url(), name));
    }
    String collection = type.coveredBy(name);
    if (collection != null && type.awaited.remove(collection)) {
      cancel(new TimerKey.Absent(type.url(), collection));
    }
  }

  /** The stream is over: nobody can answer. */
  void stopAwaiting(TypeState type) {
    type.awaited.forEach(name -> cancel(new TimerKey.Absent(type.url(), name)));
    type.awaited.clear();
  }

  void restartTtl(TypeState type, String name, @Nullable Duration ttl) {
    if (ttl == null) {
      stopTtl(type, name);
    } else {
      type.ttls.add(name);
      out.accept(new Effect.StartTimer(new TimerKey.Ttl(type.url(), name), ttl));
    }
  }

  void stopTtl(TypeState type, String name) {
    if (type.ttls.remove(name)) {
      cancel(new TimerKey.Ttl(type.url(), name));
    }
  }

  void startNack(TypeState type, String detail) {
    type.keptNack = detail;
    out.accept(new Effect.StartTimer(new TimerKey.Nack(type.url()), type.nackBackoff.next()));
  }

  /** Takes back a NACK that has not gone yet; null if there is none. */
  @Nullable String takeNack(TypeState type) {
    String detail = type.keptNack;
    if (detail != null) {
      type.keptNack = null;
      cancel(new TimerKey.Nack(type.url()));
    }
    return detail;
  }

  private void cancel(TimerKey timer) {
    out.accept(new Effect.CancelTimer(timer));
  }
}
