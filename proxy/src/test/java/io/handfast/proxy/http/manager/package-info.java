@NullMarked
package io.handfast.proxy.http.manager;

import org.jspecify.annotations.NullMarked;
