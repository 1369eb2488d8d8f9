package io.handfast.proxy.admin;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.handfast.proxy.admin.AdminEndpoint.Parameter;
import io.handfast.proxy.stats.PrometheusText;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.stats.StatsFilter;
import io.handfast.proxy.stats.StatsText;
import java.util.List;

/** {@code /stats} and {@code /stats/prometheus}. */
final class StatsEndpoints {

  private StatsEndpoints() {}

  static List<AdminEndpoint> all(Stats stats) {
    Parameter filter =
        new Parameter("filter", "Regular expression (RE2) that is found in the names");
    Parameter usedOnly =
        new Parameter(
            "usedonly", "Only include stats that have been written by the system since restart");
    return List.of(
        AdminEndpoint.read(
            "/stats",
            "print server stats",
            request -> stats(stats, request),
            usedOnly,
            filter,
            new Parameter("format", "Format to use; One of (text, json, prometheus)")),
        AdminEndpoint.read(
            "/stats/prometheus",
            "print server stats in prometheus format",
            request -> prometheus(stats, filter(request)),
            usedOnly,
            filter));
  }

  private static AdminResponse stats(Stats stats, AdminRequest request) throws BadRequestException {
    StatsFilter filter = filter(request);
    String format = request.parameter("format").orElse("text");
    return switch (format) {
      case "text" -> AdminResponse.text(StatsText.text(stats, filter));
      case "json" -> AdminResponse.json(StatsText.json(stats, filter));
      case "prometheus" -> prometheus(stats, filter);
      default ->
          throw new BadRequestException("usage: /stats?format=json  or /stats?format=prometheus");
    };
  }

  private static AdminResponse prometheus(Stats stats, StatsFilter filter) {
    return new AdminResponse(
        200, PrometheusText.CONTENT_TYPE, PrometheusText.render(stats, filter));
  }

  private static StatsFilter filter(AdminRequest request) throws BadRequestException {
    String regex = request.parameter("filter").orElse("");
    return new StatsFilter(regex.isEmpty() ? null : compile(regex), request.flag("usedonly"));
  }

  /** A regular expression of a request. */
  static Pattern compile(String regex) throws BadRequestException {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new BadRequestException("Invalid re2 regex: " + e.getDescription() + ": " + regex);
    }
  }
}
