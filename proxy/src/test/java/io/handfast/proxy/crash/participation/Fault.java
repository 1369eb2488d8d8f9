package io.handfast.proxy.crash.participation;

import io.handfast.proxy.crash.CrashPoint;
import io.handfast.proxy.crash.Told;
import io.handfast.proxy.crash.participation.Ask.Conduct;
import io.handfast.proxy.crash.participation.Ask.Stop;
import io.handfast.proxy.crash.participation.Relay.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What happens while a transaction runs: a row of the {@link Matrix}. */
sealed interface Fault {
  /** What the services are told of it. */
  Map<String, String> query();

  /** Sets it; what is returned completes when it has happened. */
  default CompletableFuture<Void> set(Rig rig, String key, CompletableFuture<Told> told)
      throws IOException {
    return CompletableFuture.completedFuture(null);
  }

  /** A service behaves in some way. */
  record Behaves(Place who, Conduct conduct) implements Fault {
    @Override
    public Map<String, String> query() {
      return Map.of(who.title(), conduct.name());
    }

    @Override
    public String toString() {
      return conduct == Conduct.OBEY ? "nothing fails" : who + " does " + conduct;
    }
  }

  /** Something is done while a service has come to a place in its work. */
  record At(Place who, Stop stop, Deed deed, Conduct front, Conduct back) implements Fault {
    @Override
    public Map<String, String> query() {
      return Map.of(
          "at",
          who + "." + stop,
          Place.FRONT.title(),
          front.name(),
          Place.BACK.title(),
          back.name());
    }

    @Override
    public CompletableFuture<Void> set(Rig rig, String key, CompletableFuture<Told> told) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      rig.stops()
          .when(
              key,
              () -> {
                try {
                  deed.act(rig, who, told);
                  done.complete(null);
                } catch (IOException | ExecutionException | TimeoutException e) {
                  done.completeExceptionally(e);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                  done.completeExceptionally(e);
                }
              });
      return done;
    }

    @Override
    public String toString() {
      return "%s at %s.%s%s%s"
          .formatted(
              deed,
              who,
              stop,
              front == Conduct.OBEY ? "" : ", FRONT " + front,
              back == Conduct.OBEY ? "" : ", BACK " + back);
    }
  }

  /**
   * A sidecar dies at a force point or beside one.
   *
   * @param records whether the back's callbacks need its answer, so that there is a branch record
   */
  record Dies(Place whose, CrashPoint point, Conduct front, boolean records) implements Fault {
    @Override
    public Map<String, String> query() {
      return Map.of(Place.FRONT.title(), front.name());
    }

    @Override
    public CompletableFuture<Void> set(Rig rig, String key, CompletableFuture<Told> told)
        throws IOException {
      rig.sidecar(whose).arm(point, 0);
      return CompletableFuture.runAsync(rig.sidecar(whose)::awaitCrash, Thread::startVirtualThread)
          .thenRun(() -> {
            try {
              rig.sidecar(whose).restart();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }

    @Override
    public String toString() {
      return "sidecar of %s dies at %s.%s%s%s"
          .formatted(
              whose,
              point.type().substring(point.type().lastIndexOf('.') + 1),
              point.method(),
              front == Conduct.OBEY ? "" : ", FRONT " + front,
              records ? ", BACK records" : "");
    }
  }

  /** What the network does to the last call. */
  record Network(Wire wire) implements Fault {
    @Override
    public Map<String, String> query() {
      return Map.of("wire", wire.name());
    }

    @Override
    public String toString() {
      return wire == Wire.LOSE ? "the response is lost" : "the call comes twice";
    }
  }

  /** What is done. */
  enum Deed {
    /** The service dies; it is back when the client has been told. */
    SERVICE_DIES,
    /** The service's sidecar dies and is back at once. */
    SIDECAR_DIES,
    /** The database crashes; it is back when the client has been told. */
    DATABASE_DIES,
    /** The database crashes and is back at once. */
    DATABASE_RESTARTS,
    /** The database and the back's sidecar die; the sidecar comes back first, and finds none. */
    DATABASE_AND_BACK_DIE,
    /** The service goes on when the client has been told that its time is over. */
    TIME_PASSES;

    void act(Rig rig, Place who, CompletableFuture<Told> told)
        throws IOException, InterruptedException, ExecutionException, TimeoutException {
      switch (this) {
        case SERVICE_DIES -> rig.service(who).kill();
        case SIDECAR_DIES -> {
          rig.sidecar(who).kill();
          rig.sidecar(who).restart();
        }
        case DATABASE_DIES -> rig.database().crash();
        case DATABASE_RESTARTS -> {
          rig.database().crash();
          rig.database().start();
        }
        case DATABASE_AND_BACK_DIE -> {
          rig.database().crash();
          rig.sidecar(Place.BACK).kill();
          rig.sidecar(Place.BACK).start();
        }
        case TIME_PASSES -> told.get(30, TimeUnit.SECONDS);
      }
    }
  }
}
