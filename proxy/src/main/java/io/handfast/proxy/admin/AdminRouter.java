package io.handfast.proxy.admin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the endpoint of a request and refuses what none serves. Immutable. */
final class AdminRouter {

  private static final Logger LOG = LoggerFactory.getLogger(AdminRouter.class);

  private static final Set<String> READS = Set.of("GET", "HEAD");

  private final List<AdminEndpoint> endpoints;

  AdminRouter(List<AdminEndpoint> served) {
    List<AdminEndpoint> all = new ArrayList<>(served);
    all.add(AdminEndpoint.read("/", "Admin home page", request -> AdminResponse.html(home())));
    all.add(
        AdminEndpoint.read(
            "/help", "print out list of admin commands", request -> AdminResponse.text(help())));
    all.sort(Comparator.comparing(AdminEndpoint::path));
    endpoints = List.copyOf(all);
  }

  /** Answers a request, whatever it is; the stage does not fail. */
  CompletionStage<AdminResponse> handle(String method, AdminRequest request) {
    AdminEndpoint endpoint =
        endpoints.stream()
            .filter(candidate -> candidate.serves(request.path()))
            .findFirst()
            .orElse(null);
    if (endpoint == null) {
      return done(AdminResponse.text(404, "invalid path. " + help()));
    }
    boolean allowed = endpoint.mutates() ? method.equals("POST") : READS.contains(method);
    if (!allowed) {
      String expected = endpoint.mutates() ? "POST" : "GET";
      return done(
          AdminResponse.text(405, "Method " + method + " not allowed, " + expected + " required."));
    }
    try {
      return endpoint.handler().handle(request).exceptionally(failure -> failed(request, failure));
    } catch (BadRequestException e) {
      return done(AdminResponse.text(400, e.getMessage() + "\n"));
    } catch (RuntimeException e) {
      return done(failed(request, e));
    }
  }

  private static AdminResponse failed(AdminRequest request, Throwable failure) {
    LOG.error("administration request failed: path={}", request.path(), failure);
    return AdminResponse.text(500, "internal error, see the log\n");
  }

  private static CompletionStage<AdminResponse> done(AdminResponse response) {
    return CompletableFuture.completedFuture(response);
  }

  private String help() {
    StringBuilder text = new StringBuilder("admin commands are:\n");
    for (AdminEndpoint endpoint : endpoints) {
      text.append("  ")
          .append(endpoint.path())
          .append(endpoint.mutates() ? " (POST): " : ": ")
          .append(endpoint.help())
          .append('\n');
      for (AdminEndpoint.Parameter parameter : endpoint.parameters()) {
        text.append("      ")
            .append(parameter.name())
            .append(": ")
            .append(parameter.help())
            .append('\n');
      }
    }
    return text.toString();
  }

  private String home() {
    StringBuilder html =
        new StringBuilder(
            "<!DOCTYPE html><html lang=\"en\"><head><title>Handfast</title></head><body><table>\n");
    for (AdminEndpoint endpoint : endpoints) {
      String path = endpoint.path().substring(1);
      html.append("<tr><td>");
      if (endpoint.mutates()
          && endpoint.parameters().stream().anyMatch(it -> it.name().equals("id"))) {
        html.append(path);
      } else if (endpoint.mutates()) {
        html.append("<form action=\"").append(path).append("\" method=\"post\"><button>");
        html.append(path).append("</button></form>");
      } else if (endpoint.path().length() > 1 && endpoint.path().endsWith("/")) {
        html.append(path).append("ID");
      } else {
        html.append("<a href=\"").append(path).append("\">").append(path).append("</a>");
      }
      html.append("</td><td>").append(endpoint.help()).append("</td></tr>\n");
    }
    return html.append("</table></body></html>\n").toString();
  }
}
