#include "compiler/frontend/settings/schema.h"

#include "compiler/driver/commands.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/print.h"

namespace srt::driver {

int run_command(const SchemaCommand&) { return print(settings::json_schema()) ? kDone : kFile; }

}  // namespace srt::driver
