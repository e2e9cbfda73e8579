package voxapi

// Client calls the Management API at one address with one service-account key. It is safe for concurrent use. Create it
// with [New].
type Client struct {
	options     Options
	transports  transports
	signer      *signer
	rateLimiter *rateLimiter
}

// New returns a client. It sends nothing.
func New(options Options) (*Client, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Client{
		options:     options,
		transports:  newTransports(options),
		signer:      newSigner(options.Credentials, newClock(options.Now)),
		rateLimiter: newRateLimiter(options.RPS, options.Now),
	}, nil
}

// Reader returns the methods that change nothing.
func (c *Client) Reader() *Reader { return &Reader{client: c} }

// Writer returns the methods that change the account.
func (c *Client) Writer() *Writer { return &Writer{client: c} }

// CloseIdleConnections closes the idle connections for reads.
func (c *Client) CloseIdleConnections() { c.transports.closeIdle() }

// Reader reads from the account. A method that fails returns an [*Error] of kind Refused, NotSent or Unavailable.
// Transient failures are retried, up to three attempts, as long as the context allows.
type Reader struct {
	client *Client
}

// Writer changes the account. Each method sends its request once, and a second time only after the vendor refused the
// token (see CodeInfo.RetryWithNewToken). A method that fails returns an [*Error] of kind NotSent, Refused or Unknown;
// only after Unknown may the change have been made.
type Writer struct {
	client *Client
}
