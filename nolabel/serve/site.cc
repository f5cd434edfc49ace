#include "nolabel/serve/site.h"

#include <exception>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

Response failed(const Site& site, const Routes::Route& route, const Request& request,
                const Error& error) {
  if (error.fault() == Fault::usage || error.fault() == Fault::data) {
    return error_response(400, error.what());
  }
  if (site.warn) site.warn(format("{} {} failed: {}", route.method, request.path, error.what()));
  return error_response(500, error.what());
}

}  // namespace

Response answer(Site& site, const Routes::Route& route, const Request& request) {
  std::unique_lock<std::mutex> alone(site.one_post, std::defer_lock);
  if (route.method == "POST") alone.lock();
  if (site.stopping) return error_response(503, "nolabel is ending and did not do this");
  try {
    return route.handler(request);
  } catch (const std::exception& exception) {
    return failed(site, route, request, as_error(exception));
  } catch (...) {
    return failed(site, route, request, {Fault::internal, "an exception of an unknown type"});
  }
}

}  // namespace nolabel
