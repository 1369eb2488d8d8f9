package io.handfast.proxy.admin;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One path of the administration server.
 *
 * @param path exact; one that ends with a slash stands for all below it
 * @param mutates POST only
 * @param help one line
 * @param parameters of the query
 * @param handler answers; on the server's loop, must not block
 */
record AdminEndpoint(
    String path, boolean mutates, String help, List<Parameter> parameters, Handler handler) {

  AdminEndpoint {
    parameters = List.copyOf(parameters);
  }

  /** A parameter of the query, for the help. */
  record Parameter(String name, String help) {}

  /** Answers, now or later. */
  @FunctionalInterface
  interface Handler {
    CompletionStage<AdminResponse> handle(AdminRequest request) throws BadRequestException;
  }

  /** Answers at once. */
  @FunctionalInterface
  interface ImmediateHandler {
    AdminResponse handle(AdminRequest request) throws BadRequestException;
  }

  static AdminEndpoint read(
      String path, String help, ImmediateHandler handler, Parameter... parameters) {
    return new AdminEndpoint(path, false, help, List.of(parameters), immediate(handler));
  }

  static AdminEndpoint mutate(
      String path, String help, ImmediateHandler handler, Parameter... parameters) {
    return new AdminEndpoint(path, true, help, List.of(parameters), immediate(handler));
  }

  private static Handler immediate(ImmediateHandler handler) {
    return request -> CompletableFuture.completedFuture(handler.handle(request));
  }

  boolean serves(String requested) {
    boolean prefix = path.endsWith("/") && path.length() > 1;
    return prefix
        ? requested.startsWith(path) && requested.length() > path.length()
        : requested.equals(path);
  }
}
