-- Stands for auth-request.lua of haproxy-auth-request, which Debian does not package. As there, auth-intercept sends a
-- request with the visitor's headers to the first server of a backend. After a response with 2xx it sets those of the
-- listed headers that the response has, and leaves the others as they are.

local function read_response(socket)
	local status = tonumber((socket:receive("*l") or ""):match("^HTTP/1%.%d (%d%d%d)"))
	local headers = {}
	while true do
		local line = socket:receive("*l")
		if line == nil or line == "" or line == "\r" then
			return status, headers
		end
		local name, value = line:match("^([^:]+):%s*(.-)%s*$")
		if name then
			headers[name:lower()] = value
		end
	end
end

core.register_action("auth-intercept", { "http-req" }, function(txn, backend, path, method, _, copied, _)
	txn:set_var("txn.auth_response_successful", false)
	local address
	for _, server in pairs(core.backends[backend].servers) do
		address = server:get_addr()
	end
	local host, port = address:match("^(.*):(%d+)$")
	local socket = core.tcp()
	socket:settimeout(5)
	if not socket:connect(host, tonumber(port)) then
		return
	end
	local request = { method .. " " .. path .. " HTTP/1.1", "connection: close" }
	for name, values in pairs(txn.http:req_get_headers()) do
		if name ~= "content-length" and name ~= "transfer-encoding" and name ~= "connection" then
			for _, value in pairs(values) do
				table.insert(request, name .. ": " .. value)
			end
		end
	end
	socket:send(table.concat(request, "\r\n") .. "\r\n\r\n")
	local status, headers = read_response(socket)
	socket:close()
	if status == nil then
		return
	end
	txn:set_var("txn.auth_response_code", status)
	if status >= 300 and status < 400 and headers["location"] then
		txn:set_var("txn.auth_response_location", headers["location"])
	end
	if status >= 200 and status < 300 then
		txn:set_var("txn.auth_response_successful", true)
		for name in copied:gmatch("[^,]+") do
			if headers[name] then
				txn.http:req_set_header(name, headers[name])
			end
		end
	end
end, 6)
