/** Protos of access logs to records. */
@NullMarked
package io.handfast.proxy.config.compile.accesslog;

import org.jspecify.annotations.NullMarked;
