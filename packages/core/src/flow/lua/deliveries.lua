--[[
@script deliveries
@does   Reads what the deliveries of tasks are made from.
@key    flow        hash of the flow
@arg    tasks       string   their numbers, with commas
@reply  found(deliveries:string[]) | unknown
]]
--@include flow_record
--@include flow_task
--@include flow_deliveries
local x = load_flow(flow)
if not x then
  return { 'unknown' }
end
return { 'found', deliveries_of(x, numbers(tasks)) }
