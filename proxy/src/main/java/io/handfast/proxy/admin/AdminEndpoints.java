package io.handfast.proxy.admin;

import static io.handfast.proxy.admin.AdminEndpoint.mutate;
import static io.handfast.proxy.admin.AdminEndpoint.read;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.Memory;
import io.handfast.proxy.admin.AdminEndpoint.Parameter;
import java.util.ArrayList;
import java.util.List;

/** Every endpoint, in one list: a new one is a line here. */
final class AdminEndpoints {

  private static final Parameter FORMAT =
      new Parameter("format", "File format to use; One of (text, json)");

  private AdminEndpoints() {}

  static List<AdminEndpoint> all(AdminSources sources) {
    List<AdminEndpoint> all = new ArrayList<>();
    all.addAll(views(sources));
    all.addAll(StatsEndpoints.all(sources.stats()));
    all.addAll(lifeCycle(sources.control()));
    all.add(LoggingEndpoint.create(sources.logLevels()));
    sources.transactions().ifPresent(queries -> all.addAll(TransactionEndpoints.all(queries)));
    return all;
  }

  private static List<AdminEndpoint> views(AdminSources sources) {
    JsonFormat.Printer printer = JsonFormat.printer().preservingProtoFieldNames();
    ConfigDumpEndpoint dump =
        new ConfigDumpEndpoint(sources.configDump(), printer, sources.types());
    return List.of(
        read(
            "/config_dump",
            "dump current configs",
            dump::handle,
            new Parameter("resource", "The resource to dump, such as static_clusters"),
            new Parameter(
                "name_regex",
                "Dump only the configurations whose names match the regular expression (RE2)"),
            new Parameter(
                "mask", "Fields to dump, separated by commas; with resource those of each entry"),
            new Parameter("include_eds", "Dump the endpoints as well")),
        read(
            "/certs",
            "print certs on machine",
            request ->
                json(printer.alwaysPrintFieldsWithNoPresence(), sources.certificates().get())),
        read(
            "/server_info",
            "print server version/status information",
            request -> json(printer.alwaysPrintFieldsWithNoPresence(), sources.serverInfo().get())),
        read(
            "/clusters",
            "upstream cluster status",
            request ->
                request.wantsJson()
                    ? json(printer, sources.clusters().get())
                    : AdminResponse.text(StatusText.clusters(sources.clusters().get())),
            FORMAT),
        read(
            "/listeners",
            "print listener info",
            request ->
                request.wantsJson()
                    ? json(printer, sources.listeners().get())
                    : AdminResponse.text(StatusText.listeners(sources.listeners().get())),
            FORMAT),
        read("/memory", "print current heap usage", request -> json(printer, memory())));
  }

  private static List<AdminEndpoint> lifeCycle(ServerControl control) {
    return List.of(
        read(
            "/ready",
            "print server state, return 200 if LIVE, otherwise return 503",
            request -> ready(control, request.flag("verbose")),
            new Parameter("verbose", "Say why it is not ready, and what else is to be known")),
        mutate(
            "/drain_listeners",
            "drain listeners",
            request -> {
              control.drainListeners(request.flag("inboundonly"));
              return AdminResponse.ok();
            },
            new Parameter("graceful", "Makes no difference: streams in flight are always finished"),
            new Parameter("inboundonly", "Only listeners whose traffic_direction is INBOUND")),
        mutate(
            "/quitquitquit",
            "exit the server",
            request -> {
              control.quit();
              return AdminResponse.ok();
            }),
        mutate(
            "/healthcheck/fail",
            "cause the server to fail health checks",
            request -> {
              control.failHealthChecks(true);
              return AdminResponse.ok();
            }),
        mutate(
            "/healthcheck/ok",
            "cause the server to pass health checks",
            request -> {
              control.failHealthChecks(false);
              return AdminResponse.ok();
            }),
        mutate(
            "/reopen_logs",
            "reopen access logs",
            request -> {
              control.reopenLogs();
              return AdminResponse.ok();
            }));
  }

  private static AdminResponse ready(ServerControl control, boolean verbose) {
    List<String> reasons = control.notReady();
    ServerControl.State state = control.state();
    StringBuilder body = new StringBuilder(state.name()).append('\n');
    if (verbose) {
      reasons.forEach(reason -> body.append(reason).append('\n'));
      control.notices().forEach(notice -> body.append(notice).append('\n'));
    }
    boolean live = state == ServerControl.State.LIVE && reasons.isEmpty();
    return AdminResponse.text(live ? 200 : 503, body.toString());
  }

  private static Memory memory() {
    Runtime runtime = Runtime.getRuntime();
    return Memory.newBuilder()
        .setAllocated(runtime.totalMemory() - runtime.freeMemory())
        .setHeapSize(runtime.totalMemory())
        .setPageheapFree(runtime.freeMemory())
        .build();
  }

  static AdminResponse json(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return AdminResponse.json(printer.print(message) + "\n");
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "a message that was built here cannot be printed: " + e.getMessage(), e);
    }
  }
}
