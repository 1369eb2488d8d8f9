package io.handfast.example.bank.grpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.handfast.example.bank.web.Problem;
import java.sql.SQLException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Between what a service has to say and the status of a call. */
public final class Statuses {
  private static final Logger LOG = Logger.getLogger(Statuses.class.getName());

  /** The work of one call. */
  public interface Work<T> {
    /** Its response; may block. */
    T run() throws SQLException, InterruptedException;
  }

  private Statuses() {}

  /** Does the work and ends the call, with its response or with what stood in the way. */
  public static <T> void answer(StreamObserver<T> call, Work<T> work) {
    try {
      T response = work.run();
      call.onNext(response);
      call.onCompleted();
    } catch (Problem problem) {
      call.onError(of(problem).asRuntimeException());
    } catch (SQLException e) {
      LOG.log(Level.WARNING, e::getMessage);
      call.onError(
          Status.UNAVAILABLE
              .withDescription("the database did not answer; try again")
              .asRuntimeException());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      call.onError(
          Status.UNAVAILABLE.withDescription("this service is being stopped").asRuntimeException());
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "a call failed", e);
      call.onError(Status.INTERNAL.withDescription("see the service's log").asRuntimeException());
    }
  }

  static Status of(Problem problem) {
    Status status =
        switch (problem.status()) {
          case 400 -> Status.INVALID_ARGUMENT;
          case 404 -> Status.NOT_FOUND;
          case 409 -> Status.ALREADY_EXISTS;
          case 422 -> Status.FAILED_PRECONDITION;
          case 502, 503 -> Status.UNAVAILABLE;
          default -> Status.INTERNAL;
        };
    return status.withDescription(problem.detail());
  }

  /** What a service answers whose own call of a peer ended with a status that is not OK. */
  public static Problem ofPeer(String peer, Status status) {
    String name = status.getCode().name();
    String detail = status.getDescription() == null ? name : status.getDescription();
    return switch (status.getCode()) {
      case NOT_FOUND -> new Problem(404, "Not Found", detail).ofPeer(peer);
      case FAILED_PRECONDITION -> Problem.unprocessable("Refused", detail).ofPeer(peer);
      case ALREADY_EXISTS, ABORTED -> Problem.conflict(detail).ofPeer(peer);
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED ->
          Problem.unanswered(peer, name + ", " + detail);
      case OK,
          UNKNOWN,
          INVALID_ARGUMENT,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          DATA_LOSS,
          UNAUTHENTICATED ->
          new Problem(502, "Bad Gateway", peer + ": " + detail + " (" + name + ")");
    };
  }
}
